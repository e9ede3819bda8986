/*-------------------------------------------------------------------------
 *
 * Names of sensors that come with the flows: each is kept once, for ever.
 *
 * Memory: SENSOR_NAMES_MAX names of at most SENSOR_NAME_MAX_LEN bytes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SENSOR_NAME_H
#define COLLECTOR_SENSOR_NAME_H

#include <stddef.h>

#define SENSOR_NAMES_MAX	1024
#define SENSOR_NAME_MAX_LEN	255

/*
 * The name with these bytes, which are UTF-8 without zero bytes.  Lives as
 * long as the process.  NULL if it is too long or there are too many.
 */
extern const char *sensor_name(const char *text, size_t len);

#endif
