/*-------------------------------------------------------------------------
 *
 * libFuzzer target: any link type, then frames until the input ends.
 *
 *		first byte			index into the link types
 *		for each frame		length (2, little endian), frame
 *
 *-------------------------------------------------------------------------
 */
#include <pcap/dlt.h>
#include <stdlib.h>

#include "decode_packet.h"
#include "input_replay.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int dlts[] = {
		DLT_EN10MB, DLT_RAW, DLT_IPV4, DLT_IPV6, DLT_NULL, DLT_LOOP,
		DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_NFLOG, DLT_PPP, DLT_PPP_ETHER, DLT_C_HDLC
	};
	static struct counters counters;
	static struct packet_decoder *decoder;
	struct frame frame = {.time_us = 1};
	struct datagram datagram;

	if (decoder == NULL)
	{
		decoder = packet_decoder_open(&counters, hash_key_seeded(1));
		decoder->tunnels = TUNNEL_SET_ALL;
	}
	if (size == 0)
		return 0;
	frame.dlt = dlts[data[0] % (sizeof(dlts) / sizeof(dlts[0]))];
	data++;
	size--;
	while (size >= 2)
	{
		size_t		len = (size_t) data[0] | (size_t) data[1] << 8;
		uint8_t    *copy;

		data += 2;
		size -= 2;
		frame.caplen = len < size ? len : size;
		frame.wirelen = len;
		copy = malloc(frame.caplen + 1);
		memcpy(copy, data, frame.caplen);
		copy = realloc(copy, frame.caplen > 0 ? frame.caplen : 1);
		frame.bytes = copy;
		if (input_replay_datagram(decoder, &frame, &datagram) &&
			(datagram.bytes < copy ||
			 datagram.bytes + datagram.len > copy + frame.caplen))
			abort();
		free(copy);
		data += frame.caplen;
		size -= frame.caplen;
	}
	return 0;
}
