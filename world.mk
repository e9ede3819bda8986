# Everything beside the extension, by parts: build-collector, install-collector,
# uninstall-collector, and the same of cli; install- and uninstall-grafana, -docs.
# "world" is the extension and all parts.  Included by Makefile, before PGXS.

PREFIX ?= /usr/local
PROGRAMS := $(patsubst $(srcdir)/%/Makefile,%,$(wildcard $(srcdir)/collector/Makefile $(srcdir)/cli/Makefile))
TREES := $(patsubst $(srcdir)/%/,%,$(wildcard $(srcdir)/grafana/ $(srcdir)/docs/))

# Files keep their places below FROM_x, so that links among them lead somewhere.
FROM_grafana = $(srcdir)/grafana
TO_grafana = $(DESTDIR)$(PREFIX)/share/flowstore/grafana
FILES_grafana = find . -name '*.json' -o -name '*.yaml'
FROM_docs = $(srcdir)
TO_docs = $(DESTDIR)$(PREFIX)/share/doc/flowstore
FILES_docs = ls README.md CHANGELOG.md LICENSE collector/flowcollectd.conf */README.md src/format/README.md && \
	find docs -name '*.md' -o -name '*.png' -o -name '*.svg'

# PGXS adds to the caller's flags what only the extension needs, and make would hand that on.
CALLER_FLAGS := $(foreach flag,CFLAGS CPPFLAGS LDFLAGS,$(if $(filter environment,$(origin $(flag))),$(flag)='$($(flag))'))

.PHONY: world install-world uninstall-world clean-world \
	$(PROGRAMS:%=build-%) $(PROGRAMS:%=install-%) $(PROGRAMS:%=uninstall-%) $(PROGRAMS:%=clean-%) \
	$(TREES:%=install-%) $(TREES:%=uninstall-%)

world: all $(PROGRAMS:%=build-%)
install-world: install $(PROGRAMS:%=install-%) $(TREES:%=install-%)
uninstall-world: uninstall $(PROGRAMS:%=uninstall-%) $(TREES:%=uninstall-%)
clean-world: clean $(PROGRAMS:%=clean-%)

$(PROGRAMS:%=build-%): build-%:
	$(CALLER_FLAGS) $(MAKE) -C $(srcdir)/$* all

$(PROGRAMS:%=install-%): install-%:
	$(CALLER_FLAGS) $(MAKE) -C $(srcdir)/$* install

$(PROGRAMS:%=uninstall-%): uninstall-%:
	$(MAKE) -C $(srcdir)/$* uninstall

$(PROGRAMS:%=clean-%): clean-%:
	$(MAKE) -C $(srcdir)/$* clean

# Each file once: docs/README.md is in both lists.
$(TREES:%=install-%): install-%:
	cd $(FROM_$*) && { $(FILES_$*); } | sort -u | while read -r file; do \
		install -D -m 644 "$$file" "$(TO_$*)/$$file" || exit 1; \
	done

$(TREES:%=uninstall-%): uninstall-%:
	cd $(FROM_$*) && { $(FILES_$*); } | sort -u | while read -r file; do rm -f "$(TO_$*)/$$file"; done
	[ ! -d "$(TO_$*)" ] || find "$(TO_$*)" -depth -type d -empty -delete
