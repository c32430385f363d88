# The daily commands. CMake alone works too: CONTRIBUTING.md.
.DEFAULT_GOAL := help
.PHONY: help build test test-asan test-tsan test-faults test-e2e fuzz soak test-helm test-cluster image demo bench fmt lint clean

# ARGS go to ctest (make test ARGS='-R redis'), or to the benchmarks.
ARGS ?=

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build/streamgauge; installs and builds what it needs first
	@tools/setup.sh build
	@tools/build.sh build streamgauge
	@echo "streamgauge: build/streamgauge is ready; try build/streamgauge --help"

test: ## all tests, with real servers; ARGS='-L unit' or '-R kafka' for some
	@tools/setup.sh test
	@tools/build.sh build
	@tools/run-tests.sh build $(ARGS)

test-asan: ## the same with AddressSanitizer and UndefinedBehaviorSanitizer
	@tools/setup.sh test
	@SANITIZE=address tools/build.sh build-asan
	@tools/run-tests.sh build-asan $(ARGS)

test-tsan: ## the same with ThreadSanitizer
	@tools/setup.sh test
	@SANITIZE=thread tools/build.sh build-tsan
	@tools/run-tests.sh build-tsan $(ARGS)

test-faults: ## what can go wrong, on real servers, as a table: tried, survived, right again after; some minutes
	@tools/setup.sh test
	@tools/build.sh build streamgauge redis_faults_test kafka_faults_test fault_docs_test
	@tools/run-tests.sh build -C faults -L faults $(ARGS)

test-e2e: ## alerts from the trouble to the receiver, on all real servers; some minutes
	@tools/setup.sh test
	@tools/build.sh build streamgauge e2e_test
	@tools/run-tests.sh build -C e2e -L e2e $(ARGS)

soak: ## an hour of churn, restarts and comparisons, memory flat; SOAK_SECONDS=90 for less
	@tools/setup.sh test
	@tools/build.sh build streamgauge soak_test
	@SOAK_SECONDS=$${SOAK_SECONDS:-3600} tools/run-tests.sh build -C soak -L soak $(ARGS)

fuzz: ## everything that parses, by libFuzzer; FUZZ_SECONDS=60 for each, ARGS=redis_reply for some
	@tools/setup.sh build fuzz
	@tools/fuzz.sh $(ARGS)

test-helm: ## the Helm chart without a cluster; builds helm and its like first, once
	@tools/setup.sh chart
	@tests/helm/run.sh --all

test-cluster: ## image and chart on a real one-node Kubernetes; root; builds it first, once
	@tests/cluster/run.sh

image: ## the container image, with podman or docker
	@tools/image.sh

demo: ## servers, traffic, the agent, Prometheus, until Ctrl-C; DEMO=redis, DEMO_MONITORING=no, DEMO_SECONDS=60
	@tools/setup.sh $(if $(filter redis,$(DEMO)),redis-only,demo) $(if $(filter no,$(DEMO_MONITORING)),,monitoring)
	@tools/build.sh build streamgauge demo
	@tools/demo.sh

bench: ## what a poll and a scrape cost, on real servers; takes some minutes
	@tools/setup.sh test
	@tools/build.sh build bench
	@for bench in build/*_bench; do "$$bench" $(ARGS) || exit 1; done

fmt: ## formats the C++ sources
	@tools/setup.sh lint
	@tools/lint.sh fmt

lint: ## format, clang-tidy on what differs from upstream (ARGS=all: on everything), shellcheck
	@tools/setup.sh build lint
	@tools/build.sh build streamgauge
	@tools/lint.sh lint $(ARGS)

clean: ## removes the build folders; what is shared by checkouts stays (tools/common.sh: cache_root)
	@rm -rf build build-asan build-tsan build-fuzz
