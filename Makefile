# Two commands do everything on a machine with Rust and Node: `make run` and `make test`.
# Build output lives outside the checkout; set CARGO_TARGET_DIR to choose where.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/debrief/target

.PHONY: run demo test fmt lint unit e2e screenshots bench language selection readers crash converge hostile nodes faults matrix access backups secrets soak fuzz audit sbom assets

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

# Measures the reframing aid on labelled sentences and real texts, beside a plain list of words.
language:
	cargo run --release --locked --quiet -p language --example score
	node bench/language.mjs

# How well the rules choose from chat, by labelled windows: those they were tuned on, and those they were not.
selection:
	cargo test --locked --quiet -p domain --test chat_selection -- --nocapture

# How fast each reader of foreign records is, and what memory it takes; files of MB= megabytes.
readers:
	cargo run --release --locked --quiet -p importers --example speed

# Trials of what must not be lost. Each takes its length as N= and ends with one line of key=value pairs.
# kill -9 while editors type and while writes of every kind go on; N cycles. LAYER=torn: the power goes with it.
crash: assets
	N=$(or $(N),20) dev/crash

# Random edits of real Yjs documents through bad lines and killed servers; N rounds, SEED= repeats one.
converge: assets
	N=$(or $(N),200) dev/converge

# Frames and requests that no browser sends; N frames.
hostile: assets
	N=$(or $(N),20000) dev/hostile

# Two nodes on one PostgreSQL with a synchronous standby; N faults.
nodes: assets
	N=$(or $(N),18) dev/nodes

# A disk whose n-th write, fsync or new file fails, for each n up to N.
faults: assets
	N=$(or $(N),200) dev/faults

# Every route as everybody, ids of others in every request of a day, random questions about narrowed incidents.
matrix:
	dev/matrix

# People who type lose rights, on one node and on two; N rounds of every sort of change.
access: assets
	N=$(or $(N),10) dev/access

# A backup while people type, and power cuts while one is made or restored; N cuts.
backups: assets
	N=$(or $(N),30) dev/backups

# Canary secrets through every door; none of them is in a log, an answer, the record or a backup.
secrets: assets
	dev/secrets

# Mixed load for N minutes on a release build: slopes of memory, open files and the database's log.
soak: assets
	cargo build --release --locked --quiet --bin debrief
	N=$(or $(N),10) DEBRIEF_BIN=$(CARGO_TARGET_DIR)/release/debrief dev/soak

# Every parser and the protocol; N inputs each.
fuzz:
	N=$(or $(N),100000) dev/fuzz

# Licences and sources of everything that is built in, and known weaknesses where the network can be asked (OFFLINE=1: not;
# ADVISORY_DB=DIR: those of crates by a clone of RustSec's database on this machine).
# Installs cargo-deny where it is missing.
audit:
	dev/audit

# What the binary and the front end are made of (CycloneDX), on standard output.
sbom:
	@node dev/sbom.mjs
