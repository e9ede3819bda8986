/*-------------------------------------------------------------------------
 *
 * The configuration file.
 *
 *		# a comment
 *		name = value				a setting, named as on the command line
 *		name						one that needs no value
 *		[exporter 192.0.2.0/24]		what follows is for these exporters:
 *		sampling = 1000				sampling, sensor, rate, refuse
 *
 * A value reaches to the end of the line, without the white space around it;
 * it may stand in double quotes, within which \" and \\ mean " and \.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_CONFIG_H
#define COLLECTOR_CONFIG_H

#include <stdbool.h>

#include "exporter_rule.h"
#include "setting.h"

struct config_target
{
	const struct setting *settings; /* ends with a name that is NULL */
	void	   *options;		/* of these settings */
	struct exporter_rules *rules;
};

/*
 * Read a file into the target.  All that is wrong is logged with its line;
 * returns whether nothing was.  Texts live as long as the process.
 */
extern bool config_read(const char *path, const struct config_target *target)
			__attribute__((warn_unused_result));

#endif
