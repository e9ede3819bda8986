/*-------------------------------------------------------------------------
 *
 * flowcollectd: packets, flow exports and files in, rows out.
 *
 *		input_* --bytes--> decode_* --struct flow--> cache --struct flow--> sink_*
 *
 * Records of exporters are flows already and go from the decoder to the sinks;
 * packets go through the cache.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "collector.h"
#include "daemon.h"
#include "extract.h"
#include "log.h"
#include "notify.h"
#include "run.h"

static void
run(struct collector *collector)
{
	const struct options *options = &collector->options;

	if (options->capture != NULL)
		run_capture(collector);
	else if (options->replay != NULL)
		run_replay(collector);
	else if (options->devices.n > 0 && options->spool == NULL)
		run_live(collector);
	else if (options->kafka != NULL)
		run_kafka(collector);
	else if (options->loads.n > 0)
		run_load(collector);
	else if (options->watches.n > 0)
		run_watch(collector);
	else if (options->spool != NULL)
		daemon_run(collector);
	else
		run_listen(collector);
}

int
main(int argc, char **argv)
{
	static struct collector collector;

	if (argc > 1 && strcmp(argv[1], "extract") == 0)
		return extract_run(argc - 1, argv + 1);
	options_parse(&collector.options, argc, argv);
	collector.argc = argc;
	collector.argv = argv;
	collector.hash_key = collector.options.hash_seed != OPTIONS_NO_SEED ?
		hash_key_seeded(collector.options.hash_seed) : hash_key_random();
	collector_install_signals();
	notify_init();
	collector_begin(&collector);
	run(&collector);
	notify_stopping();
	collector_close_sinks(&collector);
	if (collector.counters.rows_known > 0)
		log_info("%llu rows were in the table already",
				 (unsigned long long) collector.counters.rows_known);
	collector_print_stats(&collector, collector.options.stats);
	return collector.has_sink_failed || collector.has_input_failed ? 1 : 0;
}
