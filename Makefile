# flowstore: the extension.  The programs have Makefiles of their own; "make world"
# and "make install-world" are for everything, see world.mk.
#
# One line per room, lowest first; src/README.md is the map.

# As PGXS sets it; a build elsewhere names this file by -f and the folder by VPATH.
srcdir := $(dir $(firstword $(MAKEFILE_LIST)))

EXTENSION = flowstore
MODULE_big = flowstore
SQL_VERSION = $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" $(srcdir)/flowstore.control)
DATA_built = flowstore--$(SQL_VERSION).sql
DATA = $(patsubst $(srcdir)/%,%,$(sort $(wildcard $(srcdir)/schema/upgrade/flowstore--*--*.sql)))

ROOM_format = $(patsubst $(srcdir)/%.c,%.o,$(sort $(wildcard $(srcdir)/src/format/*.c)))
ROOM_vector = $(patsubst $(srcdir)/%.c,%.o,$(sort $(wildcard $(srcdir)/src/vector/*.c)))
ROOM_store = $(patsubst $(srcdir)/%.c,%.o,$(sort $(wildcard $(srcdir)/src/store/*.c)))
ROOM_directory = $(patsubst $(srcdir)/%.c,%.o,$(sort $(wildcard $(srcdir)/src/directory/*.c)))
ROOM_am = $(patsubst $(srcdir)/%.c,%.o,$(sort $(wildcard $(srcdir)/src/am/*.c)))
ROOM_maintain = $(patsubst $(srcdir)/%.c,%.o,$(sort $(wildcard $(srcdir)/src/maintain/*.c)))
ROOM_prune = $(patsubst $(srcdir)/%.c,%.o,$(sort $(wildcard $(srcdir)/src/prune/*.c)))
ROOM_filter = $(patsubst $(srcdir)/%.c,%.o,$(sort $(wildcard $(srcdir)/src/filter/*.c)))
ROOM_group = $(patsubst $(srcdir)/%.c,%.o,$(sort $(wildcard $(srcdir)/src/group/*.c)))
ROOM_exec = $(patsubst $(srcdir)/%.c,%.o,$(sort $(wildcard $(srcdir)/src/exec/*.c)))
ROOM_analytics = $(patsubst $(srcdir)/%.c,%.o,$(sort $(wildcard $(srcdir)/src/analytics/*.c)))
ROOM_func = $(patsubst $(srcdir)/%.c,%.o,$(sort $(wildcard $(srcdir)/src/func/*.c)))

# What CREATE EXTENSION runs: schema/, in this order.
SCHEMA = begin access_method inspection options ingest collectors maintenance tables base addresses names community_id \
	counts entropy topk distinct percentile topk_sketch numbers beacon time rate top alerts graph investigate filter \
	changes rollup rollup_create rollup_series traffic traffic_rollup \
	schedule watch schedule_run stage \
	ipset sets indicators prefixes search \
	anomaly findings detections modifiers hunt host_seen detect \
	schedule_detections health billing \
	reader

OBJS = src/flowstore.o \
	$(ROOM_format) \
	$(ROOM_vector) \
	$(ROOM_store) \
	$(ROOM_directory) \
	$(ROOM_am) \
	$(ROOM_maintain) \
	$(ROOM_prune) \
	$(ROOM_filter) \
	$(ROOM_group) \
	$(ROOM_exec) \
	$(ROOM_analytics) \
	$(ROOM_func)

PG_CPPFLAGS = -I$(srcdir)/src -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers $(WERROR)
SHLIB_LINK = -lzstd

REGRESS_OPTS = --inputdir=$(srcdir)
REGRESS = $(patsubst $(srcdir)/sql/%.sql,%,$(sort $(wildcard $(srcdir)/sql/*.sql)))
ISOLATION = $(patsubst $(srcdir)/test/isolation/specs/%.spec,%,$(sort $(wildcard $(srcdir)/test/isolation/specs/*.spec)))
ISOLATION_OPTS = --inputdir=$(srcdir)/test/isolation --load-extension=flowstore
TAP_TESTS = 1
PROVE_TESTS = test/t/*.pl

override with_llvm := no

# What PGXS calls its first target, before another one is the first.
.DEFAULT_GOAL := all
include $(srcdir)/world.mk

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

flowstore--$(SQL_VERSION).sql: $(SCHEMA:%=$(srcdir)/schema/%.sql) $(srcdir)/Makefile
	awk 'FNR == 1 && NR > 1 { print "" } { print }' $(filter %.sql,$^) >$@

# A build elsewhere has none of the rooms yet.
ifdef VPATH
$(shell mkdir -p $(sort $(dir $(OBJS))))
endif

# Every object is rebuilt when any header of ours changes: the tree is small.
$(OBJS): $(wildcard $(srcdir)/src/*.h $(srcdir)/src/*/*.h)
