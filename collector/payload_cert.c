/*-------------------------------------------------------------------------
 *
 * Certificate messages: RFC 5246 section 7.4.2; X.509, RFC 5280.
 *
 *		Certificate = SEQUENCE { TBSCertificate = SEQUENCE {
 *			[0] version, may be missing; INTEGER serial; SEQUENCE algorithm;
 *			SEQUENCE issuer; SEQUENCE validity; SEQUENCE subject; ... } ... }
 *
 * The names are cut out here, so that a certificate may be incomplete behind
 * them; OpenSSL makes text of them.  RFC 2253, which it writes, differs from
 * RFC 4514 only in what must be escaped.
 *
 *-------------------------------------------------------------------------
 */
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "payload_cert.h"
#include "wire.h"

#define DER_INTEGER		0x02
#define DER_SEQUENCE	0x30
#define DER_VERSION		0xa0
#define NAME_DER_MAX	4096	/* a longer name is left out */
#define NAME_FLAGS		(XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB)

static uint32_t
take_u24(struct wire *w)
{
	uint32_t	high = wire_u8(w);

	return high << 16 | wire_u16(w);
}

size_t
cert_wanted(const uint8_t *head)
{
	struct wire w = wire_open(head + 3, 3);

	return CERT_HEAD_LEN + take_u24(&w);
}

/* Reads the tag, which is checked, and the length. */
static size_t
der_head(struct wire *w, uint8_t tag)
{
	uint8_t		len;

	if (wire_u8(w) != tag)
		w->has_failed = true;
	len = wire_u8(w);
	switch (len)
	{
		case 0x81:
			return wire_u8(w);
		case 0x82:
			return wire_u16(w);
		case 0x83:
			return take_u24(w);
	}
	if (len >= 0x80)
		w->has_failed = true;
	return len;
}

static void
der_skip(struct wire *w, uint8_t tag)
{
	wire_skip(w, der_head(w, tag));
}

/* The whole element, its head included. */
static const uint8_t *
der_take(struct wire *w, uint8_t tag, size_t *len)
{
	const uint8_t *start = w->pos;

	der_skip(w, tag);
	*len = (size_t) (w->pos - start);
	return w->has_failed ? NULL : start;
}

static void
put_name(struct payload_found *found, enum flow_extra_id column,
		 const uint8_t *der, size_t len)
{
	X509_NAME  *name = NULL;
	BIO		   *bio = NULL;
	char	   *text;

	if (len <= NAME_DER_MAX)
		name = d2i_X509_NAME(NULL, &der, (long) len);
	if (name != NULL)
		bio = BIO_new(BIO_s_mem());
	if (bio != NULL && X509_NAME_print_ex(bio, name, 0, NAME_FLAGS) > 0)
	{
		long		text_len = BIO_get_mem_data(bio, &text);

		payload_put_text(found, column, text, (size_t) text_len,
						 PAYLOAD_LINE_MAX);
	}
	BIO_free(bio);
	X509_NAME_free(name);
	ERR_clear_error();
}

void
cert_read(struct payload_found *found, const uint8_t *body, size_t len)
{
	struct wire w = wire_open(body, len);
	const uint8_t *issuer;
	const uint8_t *subject;
	size_t		issuer_len;
	size_t		subject_len;

	wire_skip(&w, 3);
	wire_limit(&w, take_u24(&w));
	(void) der_head(&w, DER_SEQUENCE);
	(void) der_head(&w, DER_SEQUENCE);
	if (wire_left(&w) > 0 && w.pos[0] == DER_VERSION)
		der_skip(&w, DER_VERSION);
	der_skip(&w, DER_INTEGER);
	der_skip(&w, DER_SEQUENCE);
	issuer = der_take(&w, DER_SEQUENCE, &issuer_len);
	der_skip(&w, DER_SEQUENCE);
	subject = der_take(&w, DER_SEQUENCE, &subject_len);
	if (issuer != NULL)
		put_name(found, FLOW_CERT_ISSUER, issuer, issuer_len);
	if (subject != NULL)
		put_name(found, FLOW_CERT_SUBJECT, subject, subject_len);
}
