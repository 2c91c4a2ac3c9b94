# What people and CI call. Nothing here that a crate could hold.
#
#   make run        installs what is missing, builds, starts the demo on one port
#   make web        builds the screens (npm ci, types, vite, budgets) where they changed; run and test do so
#   make test       installs what the tests need, then: format, build, lint and queries, tests
#   make sqlx       renews .sqlx/ after a change of queries or migrations
#   make crash      kills the suite KILLS times while it works: make crash KILLS=1000 SEED=7
#   make simulate   SEEDS=20 random lives of MONTHS=14 and CLIENTS=100, from seed FROM=1
#   make fuzz       each target of fuzz/ for SECONDS=60, or one: make fuzz TARGET=letter SECONDS=600
#   make bench      measures every figure of docs/performance.md; make bench-NAME one of them
#   make fmt lint   the parts of `make test` by themselves
#
# ARGS reach `raschet up --demo`: make run ARGS="--listen 127.0.0.1:9090", and a figure's
# program: make bench-billing_run ARGS=1000

BUILT := $(or $(CARGO_TARGET_DIR),target)
# One selection everywhere: another one would have cargo build the dependencies again.
ALL := --workspace --all-targets

FIGURES := $(basename $(notdir $(wildcard bench/src/bin/*.rs)))

.PHONY: run web test fmt lint sqlx build simulate bench crash fuzz

run:
	@tools/need run
	@$(MAKE) -s web
	@test -x $(BUILT)/release/raschet || echo "The first build takes about 15 minutes on 2 cores; cargo shows how far it is."
	cargo build --release -p suite
	@exec $(BUILT)/release/raschet up --demo $(ARGS)

web: web/dist/console/index.html

web/node_modules/.package-lock.json: web/package-lock.json
	cd web && ../tools/node npm ci --no-audit --no-fund
	@touch $@

SCREENS := $(shell find web proto -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' -not -path 'web/src/gen/*' -not -path 'web/browser/*')
web/dist/console/index.html: web/node_modules/.package-lock.json $(SCREENS)
	cd web && ../tools/node npm run build
	@touch $@

test:
	@tools/need test
	@tools/stages

fmt:
	cargo fmt --all

build:
	cargo build $(ALL)

lint:
	cargo clippy $(ALL) -- -D warnings

crash: build
	KILLS=$(KILLS) SEED=$(SEED) cargo test --workspace --test main crash::killed -- --nocapture

SECONDS ?= 60
fuzz:
	@tools/fuzz "$(TARGET)" "$(SECONDS)"

sqlx:
	cargo run -p devdb --bin sqlx-prepare -- write

# Every life, though one before it may have failed; its seed replays it.
SEEDS ?= 20
MONTHS ?= 14
CLIENTS ?= 100
FROM ?= 1
simulate: export RASCHET_MONTHS := $(MONTHS)
simulate: export RASCHET_CLIENTS := $(CLIENTS)
simulate:
	@tools/need test
	cargo build $(ALL)
	@failed=""; for seed in $$(seq $(FROM) $$(($(FROM) + $(SEEDS) - 1))); do \
		RASCHET_SEED=$$seed $(BUILT)/debug/testkit-postgres -- \
		cargo test --workspace --test main simulation::random_months -- --nocapture \
		|| failed="$$failed $$seed"; done; \
		test -z "$$failed" || { echo "failed seeds:$$failed" >&2; exit 1; }

# Every figure, though one before it may have missed its floor.
bench:
	@tools/need run
	cargo build --release --workspace
	@failed=""; for figure in $(FIGURES); do \
		$(BUILT)/release/$$figure || failed="$$failed $$figure"; done; \
	test -z "$$failed" || { echo "missed:$$failed" >&2; exit 1; }

bench-%:
	@tools/need run
	cargo build --release --workspace
	$(BUILT)/release/$* $(ARGS)
