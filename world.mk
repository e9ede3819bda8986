# Everything beside the extension, by parts: build-collector, install-collector,
# uninstall-collector, and the same of cli; install- and uninstall-grafana, -docs.
# "world" is the extension and all parts.  Included by Makefile, before PGXS.

PREFIX ?= /usr/local
PROGRAMS := $(patsubst $(srcdir)/%/Makefile,%,$(wildcard $(srcdir)/collector/Makefile $(srcdir)/cli/Makefile))
TREES := $(patsubst $(srcdir)/%/,%,$(wildcard $(srcdir)/grafana/ $(srcdir)/docs/))
TREE_grafana = $(DESTDIR)$(PREFIX)/share/flowstore/grafana
TREE_docs = $(DESTDIR)$(PREFIX)/share/doc/flowstore

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

# Files as they are; what is not for readers begins with a dot.
$(TREES:%=install-%): install-%:
	cd $(srcdir)/$* && find . -type f ! -path '*/.*' -exec install -D -m 644 '{}' '$(TREE_$*)/{}' ';'

$(TREES:%=uninstall-%): uninstall-%:
	cd $(srcdir)/$* && find . -type f ! -path '*/.*' -exec rm -f '$(TREE_$*)/{}' ';'
	[ ! -d '$(TREE_$*)' ] || find '$(TREE_$*)' -depth -type d -empty -delete
