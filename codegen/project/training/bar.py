try:
    from tqdm import tqdm
except ImportError:  # a progress bar is welcome, not needed
    tqdm = None
