/*-------------------------------------------------------------------------
 *
 * libFuzzer target: a capture file, pcap or pcapng.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "input_pcap.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct counters counters;
	struct capture *capture;
	struct frame frame;
	char		path[32];
	size_t		nframes = 0;
	int			fd = memfd_create("fuzz", 0);

	if (fd < 0 || write(fd, data, size) != (ssize_t) size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	capture = input_pcap_open(path, &counters);
	while (capture != NULL && input_pcap_read(capture, &frame) == CAPTURE_FRAME)
	{
		volatile uint8_t sum = 0;

		if (frame.caplen > size || ++nframes > size)
			abort();
		for (size_t i = 0; i < frame.caplen; i++)
			sum = (uint8_t) (sum + frame.bytes[i]);
		if (input_pcap_percent(capture) > 100)
			abort();
	}
	if (capture != NULL)
		input_pcap_close(capture);
	close(fd);
	return 0;
}
