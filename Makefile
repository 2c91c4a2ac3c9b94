# What people and CI call. Nothing here that a crate could hold.
#
#   make run        installs what is missing, builds, starts everything on one port
#   make test       installs what the tests need, then: format, build, lint and queries, tests
#   make sqlx       renews .sqlx/ after a change of queries or migrations
#   make bench      measures every figure of docs/performance.md; make bench-NAME one of them
#   make fmt lint   the parts of `make test` by themselves
#
# ARGS reach `raschet up`: make run ARGS="--listen 0.0.0.0:8080 --behind-proxy", and a figure's
# program: make bench-billing_run ARGS=1000

TARGET := $(or $(CARGO_TARGET_DIR),target)
# One selection everywhere: another one would have cargo build the dependencies again.
ALL := --workspace --all-targets

FIGURES := $(basename $(notdir $(wildcard bench/src/bin/*.rs)))

.PHONY: run test fmt lint sqlx build bench

run:
	@tools/need run
	@test -x $(TARGET)/release/raschet || echo "The first build takes about 15 minutes on 2 cores; cargo shows how far it is."
	cargo build --release -p suite
	@exec $(TARGET)/release/raschet up $(ARGS)

test:
	@tools/need test
	@tools/stages

fmt:
	cargo fmt --all

build:
	cargo build $(ALL)

lint:
	cargo clippy $(ALL) -- -D warnings

sqlx:
	cargo run -p devdb --bin sqlx-prepare -- write

# Every figure, though one before it may have missed its floor.
bench:
	@tools/need run
	cargo build --release --workspace
	@failed=""; for figure in $(FIGURES); do \
		$(TARGET)/release/$$figure || failed="$$failed $$figure"; done; \
	test -z "$$failed" || { echo "missed:$$failed" >&2; exit 1; }

bench-%:
	@tools/need run
	cargo build --release --workspace
	$(TARGET)/release/$* $(ARGS)
