# Thin names; the logic lives in crates/xtask (`cargo xtask help`) and, before Rust can link, in scripts/setup.sh.
# `make run` takes PORT, DATA (folder), SPEED (gifts a second) and STAY=no; PROFILE=dist builds `make bench` as shipped.

.PHONY: run test check gen setup bench bench-growth soak
.DEFAULT_GOAL := run

run: ## build, start the server on SQLite and watch a giving day
	@scripts/setup.sh run
	@cargo xtask run

test: ## everything CI checks
	@scripts/setup.sh test
	@cargo xtask test

check: ## the quick part of `make test`: format, lints, laws
	@cargo xtask check

gen: ## bring fonts and the region table, record migrations
	@cargo xtask gen

setup: ## install what run and test need, or say exactly what is missing
	@scripts/setup.sh test

bench: ## intake on SQLite and PostgreSQL against their floors; import, pages, certificates, the console
	@scripts/setup.sh test
	@cargo xtask bench

bench-growth: ## intake on SQLite with ten million gifts before it
	@cargo xtask bench-growth

soak: ## the long variants of the crash tests; the three days of a province in full; the interface at length
	@scripts/setup.sh test
	@cargo xtask soak
