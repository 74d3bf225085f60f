import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable

from train import Table, TrainConfig, listed, note, read_table, refuse


def read_rows(path: str) -> list[tuple[str, str]]:
    """The texts of a table and their labels."""
    table = read_table(path)
    if not {"text", "label"} <= {*table.names}:
        refuse(
            f"columns text and label in {path!r}",
            str(table.names),
            "Name both in the first line.",
        )
    texts, labels = table.column("text"), table.column("label")
    empty = [f"none in line {n}" for n, label in labels.items() if not label.strip()]
    if empty:
        refuse(f"a label in each row of {path!r}", listed(empty), "Fill them in.")
    if lines := swallowed_lines(table, texts, labels):
        refuse(
            f"one row in each quoted text of {path!r}",
            f"further rows in {listed(lines)}",
            "Double each quote within a text.",
        )
    for name in table.unnamed:
        if lines := [f"line {n}" for n, cell in table.column(name).items() if cell]:
            note(f"{name} of {path!r} has no name and is not used: {listed(lines)}")
    return [(texts[line], labels[line]) for line in texts]


def swallowed_lines(
    table: Table, texts: dict[int, str], labels: dict[int, str]
) -> list[str]:
    """The lines of rows whose text holds a label where it would be in a row of its own.

    That is what a quote that is not closed makes of the rows up to the next quote.
    """
    known = {label.strip() for n, label in labels.items() if "\n" not in texts[n]}
    label = table.names.index("label")
    is_last = label > table.names.index("text")
    found = []
    for first, text in texts.items():
        lines = text.split("\n")
        for line in lines[:-1] if is_last else lines[1:]:
            cells = line.split(table.delimiter)
            place = label + is_last * (len(cells) - len(table.names))
            if 0 <= place < len(cells) and cells[place].strip('" ') in known:
                found.append(f"lines {first} to {first + len(lines) - 1}")
                break
    return found


def describe(
    train: list[tuple[str, str]], validation: list[tuple[str, str]], cfg: TrainConfig
) -> None:
    """Print the classes of the rows, and note what may be a mistake in the rows."""
    rows = [(text[: cfg.seq_len], label) for text, label in train + validation]
    counts = Counter(label for _, label in rows)
    common = [f"{label!r} {count:,}" for label, count in counts.most_common()]
    print(f"{len(counts):,} classes: {listed(common)}")
    for group in labels_alike(counts):
        note(f"labels that differ only in case or blanks: {listed(group)}")
    if len(counts) > len(rows) / 2:
        note(f"almost as many labels as texts: {len(counts):,} of {len(rows):,}")
    if unseen := sorted(counts.keys() - {label for _, label in train}):
        note(f"labels without a text for training: {listed(list(map(repr, unseen)))}")
    labels = defaultdict(set)
    for text, label in rows:
        labels[text].add(label)
    seen, both = {text for text, _ in rows[: len(train)]}, train + validation
    found = {
        "that are empty": sum(not text.strip() for text, _ in rows),
        "that --seq-len truncates": sum(len(text) > cfg.seq_len for text, _ in both),
        "with several labels": sum(len(labels[text]) > 1 for text, _ in rows),
    }
    for what, count in found.items():
        if count:
            note(f"texts {what}: {count:,} of {len(rows):,}")
    if shared := sum(text in seen for text, _ in rows[len(train) :]):
        note(
            f"validation texts that training has too: {shared:,} of {len(validation):,}"
        )


def labels_alike(labels: Iterable[str]) -> list[list[str]]:
    """Group the labels that differ only in case, blanks or how a letter is encoded."""
    groups = defaultdict(list)
    for label in sorted(labels):
        words = unicodedata.normalize("NFKC", label).casefold().split()
        groups[" ".join(words)].append(repr(label))
    return [group for group in groups.values() if len(group) > 1]
