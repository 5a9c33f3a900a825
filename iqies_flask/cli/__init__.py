"""The command line, ``iqies``. One file for each command or group of commands.

A command's file is imported when the command is run: checking a file must not wait for the web framework.
"""

from iqies_flask.cli.lazy import LazyCommand, LazyGroup

main = LazyGroup(
    name="iqies",
    help=(
        "An open, self-hosted iQIES: submit MDS and OASIS assessments, read back the Final Validation Report."
        "\n\n\b\nExamples:\n"
        "  iqies validate batch.zip        check assessments; nothing is sent or stored\n"
        "  iqies demo                      make a demonstration with accounts and a sample batch\n"
        "  iqies up                        run the web site and its worker"
    ),
    commands=(
        LazyCommand("validate", "Check assessment files; nothing is sent or stored.", "validate:validate"),
        LazyCommand("watch", "Check each file that arrives in a folder.", "watch:watch"),
        LazyCommand("explain", "Show what an edit asks, or what an item may hold.", "explain:explain"),
        LazyCommand("sample", "Make synthetic assessments to test with.", "sample:sample"),
        LazyCommand("up", "Run the web site and its worker together.", "server:up"),
        LazyCommand("web", "Run the web site only.", "server:web"),
        LazyCommand("worker", "Run the worker only, which processes submissions.", "server:worker"),
        LazyCommand("demo", "Make a demonstration with accounts and a sample batch.", "demo:demo"),
        LazyCommand("db", "Create and upgrade the database.", "db:db"),
        LazyCommand("user", "Manage accounts and what they may submit for.", "user:user"),
        LazyCommand("providers", "Manage the registry of providers.", "providers:providers"),
        LazyCommand("provider", "The same as providers.", "providers:providers", hidden=True),
        LazyCommand(
            "submission", "See what is not finished, and have it tried again.", "submission:submission"
        ),
        LazyCommand("mail", "See which e-mail is not sent, and try it again.", "mail:mail"),
        LazyCommand("audit", "Read the audit log, and check that nobody changed it.", "audit:audit"),
        LazyCommand("specs", "Show the data specifications that are installed.", "specs:specs"),
        LazyCommand("plugins", "Show which plugins are loaded, and which failed.", "plugins:plugins"),
    ),
)

__all__ = ["main"]
