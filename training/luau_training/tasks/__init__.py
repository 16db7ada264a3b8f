"""Gold tasks: what a developer asks for, how an expert answers, and what any right answer must show.

``load_all()`` gives the tasks, ``run_checks(task, answer)`` judges an answer to one. Those of the split "gold" may be
trained on; those of the split "evaluation" never are.
"""

from .answer import as_scripts, as_text
from .task import CheckResult, Task, TaskError, Wrong, load, load_all, run_checks

__all__ = ["CheckResult", "Task", "TaskError", "Wrong", "as_scripts", "as_text", "load", "load_all", "run_checks"]
