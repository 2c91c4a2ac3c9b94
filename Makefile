# What people and CI call. Nothing here that a crate could hold.
#
#   make run        installs what is missing, builds, starts everything on one port
#   make test       installs what the tests need, then: format, build, lint and queries, tests
#   make sqlx       renews .sqlx/ after a change of queries or migrations
#   make fmt lint   the parts of `make test` by themselves
#
# ARGS reach `raschet up`: make run ARGS="--listen 0.0.0.0:8080 --behind-proxy"

TARGET := $(or $(CARGO_TARGET_DIR),target)
# One selection everywhere: another one would have cargo build the dependencies again.
ALL := --workspace --all-targets

.PHONY: run test fmt lint sqlx build

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
