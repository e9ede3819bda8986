/*-------------------------------------------------------------------------
 *
 * Answers: status, head, and a body that is sent whole or in chunks.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "http_reply.h"

#define FLOW_BYTES	(64 * 1024)
#define TURN_MS		500			/* looks at stops so often */

static const struct
{
	int			status;
	const char *reason;
}			reasons[] = {
	{200, "OK"}, {400, "Bad Request"}, {401, "Unauthorized"}, {403, "Forbidden"},
	{404, "Not Found"}, {405, "Method Not Allowed"}, {408, "Request Timeout"},
	{413, "Content Too Large"}, {431, "Request Header Fields Too Large"},
	{500, "Internal Server Error"}, {503, "Service Unavailable"}
};

static const char *
reason_of(int status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
	{
		if (reasons[i].status == status)
			return reasons[i].reason;
	}
	return "Other";
}

void
http_reply_reset(struct http_reply *reply, const struct http_request *request)
{
	web_buffer_clear(&reply->body);
	reply->status = 500;
	reply->content_type = "text/plain";
	reply->is_head = request->method == HTTP_HEAD;
	reply->is_http10 = request->is_http10;
	reply->keeps_alive = request->keeps_alive;
	reply->has_left = false;
	reply->has_failed = false;
}

void
http_reply_begin(struct http_reply *reply, int status, const char *content_type)
{
	web_buffer_clear(&reply->body);
	reply->status = status;
	reply->content_type = content_type;
}

void
http_reply_error(struct http_reply *reply, int status, const char *message)
{
	http_reply_begin(reply, status, "application/json");
	web_buffer_text(&reply->body, "{\"error\":");
	web_buffer_json(&reply->body, message, strlen(message));
	web_buffer_text(&reply->body, "}\n");
}

struct web_buffer *
http_reply_body(struct http_reply *reply)
{
	return &reply->body;
}

bool
http_reply_has_left(const struct http_reply *reply)
{
	return reply->has_left;
}

int
http_reply_socket(const struct http_reply *reply)
{
	return reply->fd;
}

void
http_reply_abort(struct http_reply *reply)
{
	reply->has_failed = true;
}

bool
http_reply_is_gone(const struct http_reply *reply)
{
	char		byte;
	ssize_t		n;

	if (reply->has_failed || atomic_load(reply->stops))
		return true;
	n = recv(reply->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

static void
put_head(const struct http_reply *reply, struct web_buffer *out, bool is_whole)
{
	web_buffer_print(out, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\n"
					 "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n",
					 reply->status, reason_of(reply->status), reply->content_type);
	if (reply->status == 401)
		web_buffer_text(out, "WWW-Authenticate: Bearer\r\n");
	if (is_whole)
		web_buffer_print(out, "Content-Length: %zu\r\n", reply->body.len);
	else if (!reply->is_http10)
		web_buffer_text(out, "Transfer-Encoding: chunked\r\n");
	if (!reply->keeps_alive)
		web_buffer_text(out, "Connection: close\r\n");
	web_buffer_text(out, "\r\n");
}

static void
put_chunk(struct http_reply *reply, struct web_buffer *out)
{
	if (reply->is_head || reply->body.len == 0)
		return;
	if (!reply->is_http10)
		web_buffer_print(out, "%zx\r\n", reply->body.len);
	web_buffer_put(out, reply->body.bytes, reply->body.len);
	if (!reply->is_http10)
		web_buffer_text(out, "\r\n");
}

bool
http_reply_send(struct http_reply *reply, const struct web_buffer *out)
{
	int64_t		end_us = clock_monotonic_us() + reply->timeout_ms * INT64_C(1000);
	size_t		pos = 0;

	while (pos < out->len && !reply->has_failed)
	{
		struct pollfd fd = {.fd = reply->fd, .events = POLLOUT};
		ssize_t		n = send(reply->fd, out->bytes + pos, out->len - pos,
							 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0)
			pos += (size_t) n;
		else if (n < 0 && errno != EAGAIN && errno != EINTR)
			reply->has_failed = true;
		else if (clock_monotonic_us() > end_us || atomic_load(reply->stops))
			reply->has_failed = true;
		else
			(void) poll(&fd, 1, TURN_MS);
	}
	return !reply->has_failed;
}

bool
http_reply_flow(struct http_reply *reply)
{
	struct web_buffer out = {.max = SIZE_MAX / 2};

	if (reply->has_failed || reply->body.has_failed)
		return false;
	if (!reply->flows || reply->body.len < FLOW_BYTES)
		return true;
	if (reply->is_http10)
		reply->keeps_alive = false;
	if (!reply->has_left)
		put_head(reply, &out, false);
	put_chunk(reply, &out);
	reply->has_left = true;
	web_buffer_clear(&reply->body);
	if (out.has_failed)
		reply->has_failed = true;
	else
		(void) http_reply_send(reply, &out);
	web_buffer_free(&out);
	return !reply->has_failed;
}

void
http_reply_finish(struct http_reply *reply, struct web_buffer *out)
{
	if (reply->body.has_failed && !reply->has_left)
		http_reply_error(reply, 500, "the answer is too long");
	else if (reply->body.has_failed)
		reply->has_failed = true;
	if (reply->has_failed)
		return;
	if (!reply->has_left)
	{
		put_head(reply, out, true);
		if (!reply->is_head)
			web_buffer_put(out, reply->body.bytes, reply->body.len);
		return;
	}
	put_chunk(reply, out);
	if (!reply->is_head && !reply->is_http10)
		web_buffer_text(out, "0\r\n\r\n");
}
