# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

# llama.cpp without its tools (half the compile time) and for every x86-64 with AVX2: a build for the very processor
# at hand is slower to make and crashes on AMX machines when GCC 12 compiles it.
export CMAKE_ARGS = -DLLAVA_BUILD=OFF -DGGML_NATIVE=OFF -DCMAKE_PROJECT_INCLUDE=$(CURDIR)/scripts/llama-no-tools.cmake
export CMAKE_BUILD_PARALLEL_LEVEL ?= $(shell getconf _NPROCESSORS_ONLN)

.PHONY: demo test check train train-demo clean

demo: $(VENV)/run.done
	$(BIN)/luau-lsp-ai generate --file examples/coins.luau --line 1

test: $(VENV)/test.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest

train: $(VENV)/test.done
	$(BIN)/python -m luau_training.embedded.pretrain --config training/luau_training/embedded/pretrain.toml --out build/embedded
	$(BIN)/python -m luau_training.embedded.export build/embedded/model

# From scripts through QLoRA and RFT to a table, at a small scale: within 20 minutes on two idle cores.
train-demo: $(VENV)/test.done
	$(BIN)/python -m luau_training.demo --out build/train-demo

clean:
	rm -rf $(VENV) build

$(VENV)/run.done: pyproject.toml setup.py $(wildcard scorers/luau_scorers/grammar/src/*.c)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

# torch comes first and pinned, so that what depends on it takes the same build.
$(VENV)/test.done: $(VENV)/run.done
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet --editable ".[train,dev]"
	touch $@
