/*-------------------------------------------------------------------------
 *
 * What stands inside the packets of the capture.
 *
 * Every function writes to dst[>= PAYLOAD_MAX] and returns the length.
 * Names are at most 63 bytes a label and 100 bytes in all.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GEN_PAYLOAD_H
#define GEN_PAYLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "hosts.h"

#define PAYLOAD_MAX		512
#define DNS_A			1
#define DNS_TXT			16
#define DNS_AAAA		28

struct dns_message
{
	uint16_t	id;
	uint16_t	qtype;
	uint8_t		rcode;
	const char *name;
	const struct addr *answer;	/* or NULL */
	uint32_t	ttl;
};

/* RFC 1035; a question, or an answer with the question repeated */
extern int	payload_dns_question(uint8_t *dst, const struct dns_message *message);
extern int	payload_dns_answer(uint8_t *dst, const struct dns_message *message);

/* RFC 8446 client hello in one record, random is 32 bytes */
extern int	payload_client_hello(uint8_t *dst, const char *sni, const uint8_t *random);

extern int	payload_http_request(uint8_t *dst, const char *host, const char *path);
extern int	payload_http_response(uint8_t *dst, int status, int body_bytes);

/* RFC 5905, mode 3 or 4; us since 1970 */
extern int	payload_ntp(uint8_t *dst, bool is_server, int64_t us);

#endif
