# Antenne. The targets a person needs: run, test, lint, fuzz, bench, rehearsal, release.
SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  := -X main.version=$(VERSION)
FUZZTIME ?= 10s
ARCHES   := amd64 arm64
say       = @echo "==> $(1)"

.PHONY: help run build test lint checks go-test web-test fuzz bench load rehearsal release clean

help:
	@echo "make run        build Antenne and start the demonstration (./data, http://127.0.0.1:8080)"
	@echo "make test       lint, Go tests with the race detector, pages' checks, browser tests"
	@echo "make lint       gofmt, go vet, staticcheck, and the pages' own checks"
	@echo "make fuzz       each fuzz target for FUZZTIME=$(FUZZTIME)"
	@echo "make bench      the benchmarks"
	@echo "make load       thirty viewers on loopback for half a minute, measured (docs/performance.md)"
	@echo "make rehearsal  a séance of twenty minutes, end to end, in real browsers"
	@echo "make release    binaries for linux ($(ARCHES)) and their checksums in dist/"

run: build
	$(call say,starting the demonstration; the links of each person follow (Ctrl+C to stop))
	@exec ./bin/antenne serve --demo

# The embedded engine is pure Go: a build needs no C compiler.
build:
	$(call say,building bin/antenne $(VERSION))
	@mkdir -p bin
	@CGO_ENABLED=0 go build -trimpath -ldflags "$(LDFLAGS)" -o bin/antenne ./cmd/antenne

test: lint go-test web-test
	$(call say,all tests passed)

lint: checks
	$(call say,gofmt)
	@unformatted=$$(git ls-files -z --cached --others --exclude-standard '*.go' | xargs -0r gofmt -l); \
	if [ -n "$$unformatted" ]; then echo "please run gofmt -w on:"; echo "$$unformatted"; exit 1; fi
	$(call say,go vet)
	@go vet ./...
	$(call say,staticcheck)
	@go tool staticcheck ./...
	$(call say,the pages: syntax floor and types and words)
	@cd web && npm run --silent check

checks:
	@.ci/tools web

go-test:
	@.ci/tools gcc
	$(call say,go test with the race detector)
	@CGO_ENABLED=1 go test -race -timeout 12m ./...

web-test:
	@.ci/tools chromium firefox gstreamer web
	$(call say,the séance in a real Chromium and in players of others)
	@node web/test/run.mjs

fuzz:
	@for pkg in $$(go list ./...); do \
	  targets=$$(go test -list '^Fuzz' "$$pkg" | grep '^Fuzz' || true); \
	  for target in $$targets; do \
	    echo "==> fuzzing $$pkg $$target for $(FUZZTIME)"; \
	    go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x "$$pkg"; \
	  done; \
	done

bench:
	$(call say,benchmarks)
	@go test -run '^$$' -bench . -benchmem ./...

load: build
	$(call say,a small crowd; more: go run ./loadtest run --help)
	@go run ./loadtest run short --antenne bin/antenne --html bin/load.html --json bin/load.json
	$(call say,the plots are in bin/load.html)

rehearsal: build
	@.ci/tools chromium web
	$(call say,the rehearsal: about twenty minutes)
	@node web/test/rehearsal.mjs

release:
	@rm -rf dist && mkdir -p dist
	@for arch in $(ARCHES); do \
	  echo "==> building dist/antenne-linux-$$arch $(VERSION)"; \
	  CGO_ENABLED=0 GOOS=linux GOARCH=$$arch go build -trimpath -ldflags "-s -w $(LDFLAGS)" \
	    -o dist/antenne-linux-$$arch ./cmd/antenne; \
	done
	@cp docs/antenne.service docs/installer.md LICENSE CHANGELOG.md dist/
	@cd dist && sha256sum -- * > SHA256SUMS
	$(call say,dist/ is ready:)
	@cat dist/SHA256SUMS

clean:
	@rm -rf bin dist
