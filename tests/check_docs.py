#!/usr/bin/env python3
"""Every file that a document names, and every document that a source names, is in the checkout.

In README.md, CONTRIBUTING.md and docs/: names that start with a folder or a document of the root (globs must match), and
links. Blocks of code are examples and left out; blocks of commands are not.
Usage: check_docs.py ROOT
"""
import pathlib
import re
import sys

NAME = re.compile(r"(?<![\w./-])((?:cmake|datasets|docs|include|jobs|perf|slurm|src|tests|tools)/[\w.*<>/-]*[\w*]|(?:README|CONTRIBUTING|CHANGELOG)\.md)")
EXAMPLES = re.compile(r"<|/(sgsc|weekly_mean)\.")  # a pattern, or what a recipe adds
MADE_BY_USE = re.compile(r"jobs/annual/(root\.key|custody|releases)")
LINK = re.compile(r"\]\(([^)#:]+)\)")
CODE = re.compile(r"^( *)```(cpp|json|python|toml)\n.*?^\1```$", re.S | re.M)
DOCUMENT = re.compile(r"docs/[\w/-]+\.md")
SOURCES = (".cpp", ".hpp", ".in", ".md", ".py", ".sh", ".txt")


def exists(root, name):
    if EXAMPLES.search(name) or MADE_BY_USE.match(name):
        return True
    return any(root.glob(name)) if "*" in name else (root / name).exists()


def missing_in_document(root, path):
    text = CODE.sub(lambda block: "\n" * block.group().count("\n"), path.read_text(encoding="utf-8"))
    for number, line in enumerate(text.splitlines(), 1):
        yield from ((number, name) for name in NAME.findall(line) if not exists(root, name))
        yield from ((number, link) for link in LINK.findall(line) if not (path.parent / link).exists())


def missing_in_source(root, path):
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        yield from ((number, name) for name in DOCUMENT.findall(line) if not exists(root, name))


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    documents = [root / "README.md", root / "CONTRIBUTING.md", *sorted((root / "docs").rglob("*.md"))]
    sources = [p for top in ("include", "jobs", "src", "tests") for p in sorted((root / top).rglob("*")) if p.suffix in SOURCES]
    problems = [(p, *found) for p in documents for found in missing_in_document(root, p)]
    problems += [(p, *found) for p in sources for found in missing_in_source(root, p)]
    for path, number, name in problems:
        print(f"{path.relative_to(root)}:{number}: {name} is not in the checkout")
    print(f"{len(documents)} documents and {len(sources)} sources read")
    return 1 if problems or len(documents) < 10 or not sources else 0


if __name__ == "__main__":
    sys.exit(main())
