from rich.console import Console

from emmaus.cli import stage
from emmaus.cli.progress import shown
from emmaus.types import Progress


def test_progress_without_a_terminal_is_a_few_plain_lines(capsys):
    with shown("train david") as tell:
        for step in range(1, 200):
            tell(Progress(step, 199, values={"loss": 2.5}))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("train david: 1/199")
    assert lines[-1].startswith("train david: 199/199")
    assert "loss 2.500" in lines[-1]
    assert len(lines) == 2


def test_the_demo_without_a_terminal_says_each_step(capsys):
    with stage.shown() as view:
        view(stage.Stage("chat", False))
        view(stage.Stage("chat", True, "I was\nafraid.", None, 3.2))
        view(stage.Stage("generate", False))
        view(stage.Stage("generate", False, "", Progress(1, 4), 1.0))
    assert capsys.readouterr().err.splitlines() == ["1/8 chat", "1/8 chat: I was afraid. (3 s)", "2/8 generate"]


def test_the_board_shows_all_steps(capsys):
    board = stage.Board()
    board(stage.Stage("chat", True, "I was afraid.", None, 3.2))
    board(stage.Stage("generate", False, "", Progress(1, 4), 1.0))
    Console(width=80).print(board)
    out = capsys.readouterr().out
    assert all(step in out for step in stage.STEPS)
    assert "1/4" in out
    assert "3 s" in out
