"""The house stands as `docs/house.md` draws it: arrows point down, `crypto` is pure, doors stay apart."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent

# Floors from the ground up. A module may import from its own room and from lower floors only.
FLOORS = [
    ["intake", "intake.errors", "intake.clock"],
    ["intake.disk"],
    ["intake.settings", "intake.i18n", "intake.logs", "intake.secret_files"],
    ["intake.db", "intake.record"],
    ["intake.store", "intake.audit"],
    ["intake.people"],
    ["intake.submissions"],
    ["intake.sharing"],
    ["intake.reviewing"],
    ["intake.installation"],
    ["intake.upkeep"],
    ["intake.http"],
    ["intake.app"],
    ["intake.client"],
    ["intake.commands"],
    ["intake.cli"],
    ["intake.__main__"],
]
FORBIDDEN_IN_CRYPTO = {
    "os",
    "io",
    "socket",
    "time",
    "datetime",
    "random",
    "secrets",
    "pathlib",
    "fastapi",
    "sqlalchemy",
    "intake",
}

_NOT_PUBLIC = (
    "intake.sharing",
    "intake.reviewing",
    "intake.http.feed",
    "intake.http.review",
    "intake.people.clients",
    "intake.people.sessions",
    "intake.people.passkeys",
)


def modules(folder: str) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        yield name, ast.parse(path.read_text("utf-8"))


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def floor(name: str) -> tuple[int, str] | None:
    """(floor, room) of a module, by its longest matching room."""
    rooms = [
        (i, room)
        for i, rooms in enumerate(FLOORS)
        for room in rooms
        if name == room or (room != "intake" and name.startswith(room + "."))
    ]
    return max(rooms, key=lambda found: len(found[1]), default=None)


def test_every_module_has_a_floor_and_imports_point_down() -> None:
    for name, tree in modules("intake"):
        here = floor(name)
        assert here, f"{name} is on no floor of tests/test_house.py"
        for wanted in imports(tree):
            there = floor(wanted) if wanted.startswith("intake.") else None
            if there and there[1] != here[1]:
                assert there[0] < here[0], f"{name} imports {wanted}, which is not below it"


def test_crypto_is_pure_and_only_primitives_import_the_library() -> None:
    for name, tree in modules("crypto"):
        found = {i.split(".")[0] for i in imports(tree)}
        assert not found & FORBIDDEN_IN_CRYPTO, f"{name} imports {found & FORBIDDEN_IN_CRYPTO}"
        assert "cryptography" not in found or name == "crypto.primitives"
        calls = {
            n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
        }
        assert not calls & {"open", "print", "input", "eval", "exec"}, name


def test_the_clients_library_needs_nothing_of_the_server() -> None:
    for name, tree in modules("intake/client"):
        for wanted in imports(tree):
            if wanted.startswith("intake."):
                assert wanted.startswith(("intake.client", "intake.record")), f"{name} imports {wanted}"
    for name, tree in modules("intake/record"):
        for wanted in imports(tree):
            assert not wanted.startswith("intake.") or wanted.startswith("intake.record"), (
                f"{name} imports {wanted}"
            )


def test_the_door_to_the_internet_cannot_reach_what_mechanisms_use() -> None:
    for name, tree in modules("intake/http/public"):
        for wanted in imports(tree):
            assert not wanted.startswith(_NOT_PUBLIC), name


def test_no_import_hides_inside_a_function_and_no_file_is_too_long() -> None:
    for folder in ("crypto", "intake", "corpus", "tests"):
        for path in (ROOT / folder).rglob("*.py"):
            assert "node_modules" in path.parts or len(path.read_text("utf-8").splitlines()) <= 400, path
    for folder in ("crypto", "intake", "corpus"):
        for name, tree in modules(folder):
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    assert not any(isinstance(n, ast.Import | ast.ImportFrom) for n in ast.walk(node)), name


def test_uploads_never_pass_through_the_frameworks_own_forms() -> None:
    """Starlette spools files over 1 MB to disk in clear."""
    for name, tree in modules("intake"):
        source = ast.unparse(tree)
        assert "UploadFile" not in source and ".form()" not in source and "fastapi.Form" not in source, name
