"""``kaiju validate``: the violations of a project, as a compiler reports errors."""

from __future__ import annotations

from time import perf_counter

from kaiju_graph.cli.command import (
    ArgumentParser,
    Namespace,
    Outcome,
    Process,
    load_data,
    no_project_note,
)
from kaiju_graph.cli.options import (
    DATA_DETAILS,
    WITH_DATA,
    WITHOUT_DATA,
    add_data_options,
    add_format,
    add_output,
    file_name,
    refuse_options,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from kaiju_graph.project.layout import Project
    from kaiju_graph.validation.report import Report

__all__ = ["EPILOG", "add_options", "run"]

EPILOG = """examples:
  kaiju validate --first
  kaiju validate --rule quote --rule context -f github
  kaiju validate -f sarif -o kaiju.sarif
  kaiju validate --fix --dry-run
  kaiju validate --watch
  kaiju validate --data data.ttl --shapes shapes.ttl

turtle is the SHACL report (section 3.6) of the violations of shapes, which is empty if none is
known and some cannot be checked; sarif is SARIF 2.1.0, for code scanning services and editors;
junit is XML, for servers for continuous integration: a violation that makes the command exit 1 is
a failure, any other is skipped, and a rule that holds passes.
json:
  {"conforms": whether nothing is as severe as --fail-on, "severities": {"error": 1, ...},
   "rules": {NAME: number of violations, ...}, "omitted": how many --first leaves out,
   "violations": [{"rule", "severity", "message", "file", "line", "column",
                   "text": the line, "width": how many characters are marked, from the column,
                   "focus", "path", "value": terms or null, "passage", "section", "sentence",
                   "obligation": what the rule demands, "source": {"file", "line"} of the rule,
                   "because": the statement by which the rule applies to the focus,
                   "nearest": [{"text": a value that conforms, "note"}],
                   "first": {"file", "line", "column", "rule"} of what to mend before this,
                   "remedy": {"remove": statement or null, "add": the same} by --fix, or null,
                   "unchecked": what is not checked because of this, or null}]}"""


NOT_DATA = {
    "article": None,
    "no_cache": False,
    "fix": False,
    "dry_run": False,
    "watch": False,
}
ONLY_DATA = DATA_DETAILS | {"shapes": None}
"""Options for a project only, and for data files only → their defaults."""


def add_options(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    from kaiju_graph.cli.render.report import FORMATS

    add_format(parser, *FORMATS)
    add_output(parser)
    add_data_options(parser)
    parser.add_argument(
        "--shapes",
        metavar="FILE",
        nargs="+",
        action="extend",
        type=file_name,
        help="with --data: files of shapes (default: the shapes in the data)",
    )
    parser.add_argument(
        "--rule",
        metavar="RULE",
        action="append",
        default=[],
        help="check only this rule (repeat it for several), and report what prevents the check, "
        "such as a file that does not load",
    )
    parser.add_argument(
        "--article",
        metavar="ARTICLE",
        help="leave out what is in the folders of other articles, unless it prevents checks",
    )
    parser.add_argument(
        "--first", action="store_true", help="report only the violation to mend first"
    )
    parser.add_argument(
        "--fail-on",
        metavar="LEVEL",
        choices=("error", "warning", "info"),
        default="error",
        help="exit 1 for violations that are at least this severe: error, warning or info "
        "(default: error)",
    )
    parser.add_argument(
        "--no-cache",
        action="store_true",
        help="check again, even if nothing has changed since the last report",
    )
    parser.add_argument(
        "--fix",
        action="store_true",
        help="change the files first, where there is exactly one safe remedy: a missing "
        "ev:needsContext, words that differ from the article by spaces or Unicode form only, a "
        "statement that is computed or inferred, line ends; then report what is left",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="with --fix: show the changes as a unified diff, but make none",
    )
    parser.add_argument(
        "--watch",
        action="store_true",
        help="keep the report on the screen: check again after each change of a file, until Ctrl-C",
    )


def run(options: Namespace, process: Process) -> Outcome:
    """Validate a project; files that do not load are violations, too."""
    from kaiju_graph.errors import UsageError

    if options.data is not None:
        refuse_options(options, NOT_DATA, WITH_DATA)
        return _validate_data(options, process)
    refuse_options(options, ONLY_DATA, WITHOUT_DATA)
    if not options.watch:
        return _validate(options, process)
    if options.fix or options.output:
        other = "--fix" if options.fix else "--output"
        raise UsageError(f"found --watch with {other}; expected one of them")
    return _watch(options, process)


def _watch(options: Namespace, process: Process) -> Outcome:
    """Show the report, and show it again after each change, until Ctrl-C or the reader ends it."""
    from kaiju_graph.cli.watch import changes
    from kaiju_graph.errors import KaijuError
    from kaiju_graph.project import location

    limit = process.watch.seconds
    for _ in changes(location.locate(options.root)):
        process.watch.start("kaiju validate", limit)
        start = perf_counter()
        try:
            outcome = _validate(options, process)
        except KaijuError as error:  # such as a file that disappears meanwhile
            outcome = Outcome("", error.exit_code, f"error: {error}")
        seconds = perf_counter() - start
        waiting = f"checked in {seconds:.2f} s; waiting for changes (Ctrl-C ends)"
        outcome.note = "; ".join(filter(None, (outcome.note, waiting)))
        process.watch.start("kaiju validate", 0)
        if (code := process.show(outcome)) is not None:
            return Outcome("", code)
    return Outcome("")


def _validate_data(options: Namespace, process: Process) -> Outcome:
    """Validate data files against files of shapes."""
    from kaiju_graph.errors import UsageError

    if options.format in ("sarif", "junit"):
        raise UsageError(f"{options.format} lists the rules of a project; use another format")
    graph = load_data(options, process, options.shapes or options.data)
    report = graph.validate()
    selected = {*options.rule}
    report = report.select(selected) if selected else report
    return _show(report, graph.project, options, process, selected)


def _validate(options: Namespace, process: Process) -> Outcome:
    from kaiju_graph.errors import UsageError
    from kaiju_graph.validation import lint, report_cache, rules, validate

    if options.dry_run and not options.fix:
        raise UsageError("found --dry-run without --fix; expected both")
    if options.dry_run and options.format != "text":
        found = f"found --dry-run with -f {options.format}"
        raise UsageError(f"{found}; expected no format, as the changes are a unified diff")
    if options.fix and (note := no_project_note(options)):
        raise UsageError(f"{note}, which --fix does not change")
    project = validate.find_project(options.root)
    selected = rules.select_rules(project, options.rule) if options.rule else ()
    hidden = project.other_articles(options.article) if options.article is not None else ()
    notes = [no_project_note(options)]

    def check(project: Project) -> Report:
        load = validate.validate if options.no_cache else report_cache.load
        report = load(project, process.progress).without_folders(hidden)
        return report.select({*selected, *lint.ALWAYS}) if selected else report

    if options.fix:
        from kaiju_graph.cli.render.patch import render_patch
        from kaiju_graph.validation import repair

        fix = repair.repair(project, check)
        if options.dry_run:
            text = render_patch(fix.files)
            return Outcome(text, int(fix.first.fails(options.fail_on)), notes[0])
        repair.write_repair(project, fix)
        notes += [f"changed {', '.join(fix.files)}"] * bool(fix.files)
        report = fix.report
    else:
        report = check(project)
    outcome = _show(report, project, options, process, selected)
    outcome.note = "; ".join(filter(None, (*notes, outcome.note)))
    return outcome


def _show(
    report: Report,
    project: Project,
    options: Namespace,
    process: Process,
    rules: Collection[str],
) -> Outcome:
    """Return a report on some rules, or on all if there are none, in the format of the options."""
    from kaiju_graph.cli.render import report as render
    from kaiju_graph.cli.render.text import quantity

    selection = report.head() if options.first else report
    omitted = len(report.violations) - len(selection.violations)
    fails = report.fails(options.fail_on)
    view = render.View(process.width, omitted, options.fail_on, fails, rules)
    text = render.render_report(selection, options.format, project, view)
    left = sum(violation.result is None for violation in selection.violations)
    others = f"{quantity(left, 'violation')} of other rules than shapes not shown"
    note = f"{others}; -f text shows all" if options.format == "turtle" and left else ""
    return Outcome(
        text, int(fails), note, render.paint_report if options.format == "text" else None
    )
