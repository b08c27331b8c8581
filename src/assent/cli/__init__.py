"""The commands: options in, words or JSON out, and an exit status: 0 done, 1 refused, 2 misused.

Each command reads its options, calls one use-case of `actions` or one function of `app`, and shows what came of it.
Nothing is decided here. What a command needs is imported when it runs, so that `--help` is quick.
"""
