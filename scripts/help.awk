# Lists a Makefile's targets: `target: … ## what it does`, under headings `##@ Heading`.
/^##@ / { printf "%s\n%s\n", (seen++ ? "" : "Targets of this Makefile:\n"), substr($0, 5) }
/^[a-z-]+:.*## / {
    target = $0
    sub(/:.*/, "", target)
    words = $0
    sub(/.*## /, "", words)
    printf "  make %-14s %s\n", target, words
}
