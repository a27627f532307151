# What one does with Daybook. Each target installs what it needs and does not find.

CARGO ?= cargo
# Where rustup puts cargo, in case no login shell has said so.
export PATH := $(PATH):$(HOME)/.cargo/bin
# Arguments of `make bench`, as in `make bench ARGS="--connections 128"`.
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test check bench fmt

help: ## Show this list
	@grep -E '^[a-z]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:[^#]*## /\t/' | expand -t 10

run: ## Install what is missing, build, and serve the demonstration on a private PostgreSQL
	@scripts/setup run
	$(CARGO) build --release --locked --bin daybook
	exec target/release/daybook serve --demo

test: ## Run every test, against real PostgreSQL and NATS servers
	@scripts/setup test
	$(CARGO) build --workspace --bins --locked
	$(CARGO) test --doc --workspace --locked
	$(CARGO) nextest run --workspace --locked --no-fail-fast

check: ## Formatting, lints, licences, layering and documentation
	@scripts/setup check
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	@scripts/deny
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --no-deps --workspace --locked

bench: ## Measure bookings per second on this machine (ARGS="…" are passed on)
	@scripts/setup run
	$(CARGO) build --release --locked --bin daybook
	exec target/release/daybook bench $(ARGS)

fmt: ## Format the code
	$(CARGO) fmt --all
