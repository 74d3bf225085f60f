try:
    from tqdm import tqdm
except ImportError:  # the progress bar is optional
    tqdm = None
