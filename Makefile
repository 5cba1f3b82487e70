# Two commands do everything on a machine with Rust and Node: `make run` and `make test`.
# Build output lives outside the checkout; set CARGO_TARGET_DIR to choose where.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/debrief/target

.PHONY: run demo test check fmt lint unit e2e screenshots bench crash converge hostile fuzz assets clean

# Builds everything and serves on http://127.0.0.1:8080 with SQLite in ./debrief-data.
run: assets
	cargo run --release --locked --quiet --bin debrief -- serve

# The same, filled with the demo stories in ./debrief-demo.
demo: assets
	cargo run --release --locked --quiet --bin debrief -- serve --demo --data-dir debrief-demo

# Everything, browser and PostgreSQL included; installs what is missing.
test:
	dev/test

# The front end, built by esbuild into crates/web/assets; again only when a source changed.
assets: crates/web/assets/manifest.json

crates/web/assets/manifest.json: node_modules/.stamp $(shell find editor crates/web/styles -type f 2>/dev/null)
	npm run --silent build
	touch $@

node_modules/.stamp: package.json package-lock.json
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

fmt:
	cargo fmt --all

lint: assets
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	npm run --silent check

unit: assets
	cargo nextest run --locked --workspace
	npm test --silent

e2e: assets
	dev/e2e

# Draws the pictures of docs/pictures anew.
screenshots: assets
	SCREENSHOTS=1 dev/e2e

# Measures speed and size beside peers and prints a table.
bench: assets
	dev/bench
