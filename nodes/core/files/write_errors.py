"""Why a file cannot be written, and what helps, in plain words."""

import errno

ELSEWHERE = "choose another name or another folder"
_FREE_SPACE = "free some space, or choose a folder on another disk"
_PERMISSION = "change the permissions, or choose another folder"
_CHECK_DISK = "check the disk, and choose a folder on another one"
_AGAIN = "close other programs, then try again"

_EXPLANATIONS = {
    errno.ENOENT: ("its folder does not exist", ELSEWHERE),
    errno.ENOTDIR: ("a part of the path is a file, not a folder", "choose another folder"),
    errno.EEXIST: ("a file is in the way", ELSEWHERE),
    errno.EISDIR: ("a folder is there", ELSEWHERE),
    errno.ENOTEMPTY: ("a folder is there", ELSEWHERE),
    errno.EACCES: ("permission is missing", _PERMISSION),
    errno.EPERM: ("the system does not permit it", _PERMISSION),
    errno.EROFS: ("its disk can only be read", "choose a folder on another disk"),
    errno.ENOSPC: ("the disk is full", _FREE_SPACE),
    errno.EDQUOT: ("your share of the disk is full", _FREE_SPACE),
    errno.EFBIG: ("the file is larger than the disk or a limit allows", _FREE_SPACE),
    errno.ENAMETOOLONG: ("the name is too long", "choose a shorter one"),
    errno.EINVAL: ("the disk does not accept it", "choose another name, or another disk"),
    errno.ELOOP: ("its symbolic links lead in a circle", ELSEWHERE),
    errno.EMLINK: ("the folder is full", "choose another folder"),
    errno.EBUSY: ("another program uses it", _AGAIN),
    errno.ETXTBSY: ("another program uses it", _AGAIN),
    errno.EMFILE: ("too many files are open", _AGAIN),
    errno.ENFILE: ("too many files are open", _AGAIN),
    errno.ENOMEM: ("memory is short", _AGAIN),
    errno.ENOLCK: ("the system has no more locks", _AGAIN),
    errno.EINTR: ("it was interrupted", "try again"),
    errno.EIO: ("the disk failed", _CHECK_DISK),
    errno.ENXIO: ("the disk is gone", _CHECK_DISK),
    errno.ENODEV: ("the disk is gone", _CHECK_DISK),
    errno.ESTALE: ("the network disk is gone", _CHECK_DISK),
    errno.ETIMEDOUT: ("the network disk does not respond", _CHECK_DISK),
    errno.EHOSTDOWN: ("the network disk does not respond", _CHECK_DISK),
    errno.EXDEV: ("it lies on another disk", ELSEWHERE),
}


def explain(error: OSError | ValueError) -> tuple[str, str]:
    """Return why the system refused to write, and what to do."""
    if isinstance(error, OSError) and error.errno:
        known = _EXPLANATIONS.get(error.errno)
        return known or (str(error.strerror or error).lower(), ELSEWHERE)
    return str(error) or "the disk failed", ELSEWHERE


def reason(error: Exception) -> str:
    """Return why something failed, and what to do if it was the disk."""
    if isinstance(error, OSError):
        return "; ".join(explain(error))
    return str(error)
