/* test_fcgi - the transport, against a web server that speaks the protocol byte by byte */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "web/fcgi.h"

enum { BEGIN = 1, ABORT = 2, END = 3, PARAMS = 4, STDIN = 5, STDOUT = 6 };
enum { MOST_BODY = 64, SLOW = 300 };

/* What the program under test saw, told through shared memory. */
struct seen {
	int requests, torn, gone;
};

static struct arena *mem;
static volatile struct seen *seen;
static char dir[] = "/tmp/tarn-test-fcgi-XXXXXX";
static const char *path;
static volatile int stop;

static void
on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

/*
 * The program: answers with what it was asked.
 */

static void
serve_one(struct fcgi *f)
{
	struct arena *own = arena_new();
	const char *method = fcgi_env(f, "REQUEST_METHOD"), *query = fcgi_env(f, "QUERY_STRING");
	const char *head = "Status: 200 OK\r\n\r\n", *body, *answer;
	size_t n;
	bool over;

	body = fcgi_body(f, own, MOST_BODY, &n, &over);
	seen->requests++;
	seen->torn += body == NULL;
	if (query != NULL && strcmp(query, "slow") == 0)
		(void)usleep(SLOW * 1000);
	answer = arena_printf(own, "%s %s%zu %s", method != NULL ? method : "-",
	    over ? "over " : "", n, body != NULL ? body : "torn");
	if (query != NULL && strcmp(query, "long") == 0)
		answer = memset(arena_array(own, 300001, 1), 'x', 300000);
	seen->gone += !fcgi_finish(f, head, strlen(head), answer, strlen(answer));
	arena_free(&own);
}

static void
serve(int fd)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	struct fcgi *f;

	(void)sigaction(SIGTERM, &sa, NULL);
	f = fcgi_open(fd);
	while (fcgi_accept(f, &stop))
		serve_one(f);
	_exit(fcgi_env(f, "REQUEST_METHOD") == NULL ? 0 : 1);
}

static pid_t
start(void)
{
	int fd = fcgi_listen(path);
	pid_t pid;

	assert_int_not_equal(fd, -1);
	if ((pid = fork()) == 0)
		serve(fd);
	assert_int_not_equal(pid, -1);
	(void)close(fd);
	return pid;
}

/* Ends the program with a signal; the milliseconds until it had gone, with status 0. */
static int64_t
end(pid_t pid)
{
	int64_t begun = clock_steady();
	int status;

	assert_int_equal(kill(pid, SIGTERM), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	return clock_steady() - begun;
}

/*
 * The web server.
 */

static void
add_record(struct buf *b, int type, const void *data, size_t n)
{
	const char head[8] = { 1, (char)type, 0, 1, (char)(n >> 8), (char)n, (char)(n % 8), 0 };

	buf_add(b, head, sizeof(head));
	buf_add(b, data, n);
	buf_add(b, "padding", n % 8);
}

static void
add_param(struct buf *b, const char *name, const char *value)
{
	buf_char(b, (char)strlen(name));
	buf_char(b, (char)strlen(value));
	buf_text(b, name);
	buf_text(b, value);
}

static void
add_begin(struct buf *b, bool keep, const char *method, const char *query, size_t length)
{
	const char begin[8] = { 0, 1, (char)keep, 0, 0, 0, 0, 0 };
	struct buf *params = buf_new(mem, 1024);

	add_param(params, "REQUEST_METHOD", method);
	add_param(params, "QUERY_STRING", query);
	add_param(params, "CONTENT_LENGTH", arena_printf(mem, "%zu", length));
	add_record(b, BEGIN, begin, sizeof(begin));
	add_record(b, PARAMS, params->s, params->len);
	add_record(b, PARAMS, "", 0);
}

static struct buf *
new_request(bool keep, const char *query, const char *body)
{
	struct buf *b = buf_new(mem, 1 << 20);

	add_begin(b, keep, "POST", query, strlen(body));
	if (*body != '\0')
		add_record(b, STDIN, body, strlen(body));
	add_record(b, STDIN, "", 0);
	return b;
}

static int
dial(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = 20 };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	return fd;
}

static void
say(int fd, const char *s, size_t n)
{
	assert_int_equal(send(fd, s, n, MSG_NOSIGNAL), n);
}

static void
hear(int fd, void *data, size_t n)
{
	assert_int_equal(recv(fd, data, n, MSG_WAITALL), n);
}

/* The output of the next answer, from its first record to the end of the request. */
static const char *
answer(int fd)
{
	struct buf *out = buf_new(mem, 1 << 20);
	unsigned char head[8];
	char data[65536 + 256];

	for (;;) {
		size_t n;

		hear(fd, head, sizeof(head));
		n = (size_t)(head[4] << 8 | head[5]);
		hear(fd, data, n + head[6]);
		if (head[1] == END)
			return out->s;
		assert_int_equal(head[1], STDOUT);
		buf_add(out, data, n);
	}
}

static void
ask(int fd, bool keep, const char *body, const char *expected)
{
	struct buf *b = new_request(keep, "", body);

	say(fd, b->s, b->len);
	assert_string_equal(answer(fd), arena_printf(mem, "Status: 200 OK\r\n\r\n%s", expected));
}

static bool
is_closed(int fd)
{
	char c;

	return recv(fd, &c, 1, 0) == 0;
}

/*
 * Tests.
 */

static void
a_request_is_understood_wherever_its_bytes_are_cut(void **state)
{
	struct buf *b = new_request(false, "q=1", "a=b&c=d");
	pid_t pid = start();

	(void)state;
	for (size_t i = 1; i < b->len; i++) {
		int fd = dial();

		say(fd, b->s, i);
		(void)usleep(200);
		say(fd, b->s + i, b->len - i);
		assert_string_equal(answer(fd), "Status: 200 OK\r\n\r\nPOST 7 a=b&c=d");
		assert_true(is_closed(fd));
		(void)close(fd);
	}
	assert_int_equal(seen->torn, 0);
	assert_true(end(pid) < 1000);
}

static void
a_request_that_comes_byte_by_byte_is_understood(void **state)
{
	struct buf *b = new_request(true, "", "a=b");
	pid_t pid = start();
	int fd = dial();

	(void)state;
	for (size_t i = 0; i < b->len; i++) {
		say(fd, b->s + i, 1);
		(void)usleep(100);
	}
	assert_string_equal(answer(fd), "Status: 200 OK\r\n\r\nPOST 3 a=b");
	ask(fd, true, "c=d", "POST 3 c=d");
	(void)close(fd);
	(void)end(pid);
}

static void
a_kept_connection_carries_request_after_request(void **state)
{
	pid_t pid = start();
	int fd = dial();

	(void)state;
	for (int i = 0; i < 50; i++)
		ask(fd, true, "a=b", "POST 3 a=b");
	ask(fd, false, "", "POST 0 ");
	assert_true(is_closed(fd));
	(void)close(fd);
	(void)end(pid);
}

static void
an_idle_kept_connection_keeps_nobody_else_waiting(void **state)
{
	pid_t pid = start();
	int fds[40];

	(void)state;
	for (size_t i = 0; i < 40; i++) {
		fds[i] = dial();
		ask(fds[i], true, "a=b", "POST 3 a=b");
	}
	ask(fds[39], true, "c=d", "POST 3 c=d");
	ask(fds[30], true, "e=f", "POST 3 e=f");
	for (size_t i = 0; i < 40; i++)
		(void)close(fds[i]);
	(void)end(pid);
}

static void
a_connection_that_says_nothing_keeps_nobody_else_waiting(void **state)
{
	pid_t pid = start();
	int silent = dial(), fd = dial();

	(void)state;
	ask(fd, false, "a=b", "POST 3 a=b");
	ask(silent, false, "c=d", "POST 3 c=d");
	(void)close(silent);
	(void)close(fd);
	(void)end(pid);
}

static void
surplus_idle_connections_are_closed_and_one_stays(void **state)
{
	pid_t pid = start();
	int first = dial(), second = dial();

	(void)state;
	ask(first, true, "a=b", "POST 3 a=b");
	ask(second, true, "a=b", "POST 3 a=b");
	assert_true(is_closed(first));
	(void)close(first);
	ask(second, true, "c=d", "POST 3 c=d");
	(void)close(second);
	(void)end(pid);
}

static void
a_body_over_the_ceiling_is_read_to_its_end_and_reported(void **state)
{
	char body[20001];
	pid_t pid = start();
	int fd = dial();

	(void)state;
	memset(body, 'x', sizeof(body) - 1);
	body[sizeof(body) - 1] = '\0';
	ask(fd, true, body, "POST over 0 ");
	body[MOST_BODY] = '\0';
	ask(fd, true, body, arena_printf(mem, "POST 64 %s", body));
	body[MOST_BODY] = 'x';
	body[MOST_BODY + 1] = '\0';
	ask(fd, true, body, "POST over 0 ");
	ask(fd, true, "a=b", "POST 3 a=b");
	(void)close(fd);
	(void)end(pid);
}

static void
a_long_answer_arrives_whole(void **state)
{
	struct buf *b = new_request(false, "long", "");
	pid_t pid = start();
	int fd = dial();

	(void)state;
	say(fd, b->s, b->len);
	assert_int_equal(strlen(answer(fd)), 300000 + strlen("Status: 200 OK\r\n\r\n"));
	assert_true(is_closed(fd));
	(void)close(fd);
	(void)end(pid);
}

static void
half_a_body_is_no_body(void **state)
{
	struct buf *b = buf_new(mem, 1024);
	pid_t pid = start();
	int fd = dial();

	(void)state;
	add_begin(b, true, "POST", "", 10);	/* ten bytes are promised, five sent */
	add_record(b, STDIN, "a=100", 5);
	add_record(b, STDIN, "", 0);
	say(fd, b->s, b->len);
	assert_string_equal(answer(fd), "Status: 200 OK\r\n\r\nPOST 0 torn");
	ask(fd, true, "a=b", "POST 3 a=b");
	(void)close(fd);
	(void)end(pid);
}

static void
an_aborted_request_is_no_request_and_the_next_is_served(void **state)
{
	static const struct {
		bool record;	/* FCGI_ABORT_REQUEST, or the connection just ends */
		bool body;	/* before or after some of the body */
	} cases[] = { { true, true }, { true, false }, { false, true }, { false, false } };
	pid_t pid = start();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf *b = buf_new(mem, 1024);
		int fd = dial();

		add_begin(b, true, "POST", "", 10);
		if (cases[i].body)
			add_record(b, STDIN, "a=100", 5);
		if (cases[i].record)
			add_record(b, ABORT, "", 0);
		say(fd, b->s, b->len);
		(void)shutdown(fd, SHUT_WR);
		while (!is_closed(fd))
			;
		(void)close(fd);
		fd = dial();
		ask(fd, false, "a=b", "POST 3 a=b");
		(void)close(fd);
		assert_int_equal(seen->torn, i + 1);
		assert_int_equal(seen->gone, i + 1);
	}
	(void)end(pid);
}

static void
bytes_that_are_not_the_protocol_end_the_connection_only(void **state)
{
	static const char *const wrong[] = { "GET / HTTP/1.0\r\n\r\n", "\x01\x07\0\x01\0\0\0\0",
		"\x01\x01\0\x01\0\x08\0\0\0\x09\x01\0\0\0\0\0" };
	static const size_t lengths[] = { 18, 8, 16 };
	pid_t pid = start();

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		int fd = dial();

		say(fd, wrong[i], lengths[i]);
		(void)shutdown(fd, SHUT_WR);
		assert_true(is_closed(fd));
		(void)close(fd);
	}
	assert_int_equal(seen->requests, 0);
	ask(dial(), false, "a=b", "POST 3 a=b");
	(void)end(pid);
}

static void
a_client_that_went_is_noticed_and_survived(void **state)
{
	struct buf *b = new_request(true, "slow", "a=b");
	pid_t pid = start();
	int fd = dial();

	(void)state;
	say(fd, b->s, b->len);
	(void)usleep(SLOW * 1000 / 3);
	(void)close(fd);
	ask(dial(), false, "a=b", "POST 3 a=b");
	assert_int_equal(seen->gone, 1);
	(void)end(pid);
}

static void
a_signal_ends_a_program_that_waits(void **state)
{
	pid_t pid = start();
	int fd = dial();

	(void)state;
	ask(fd, false, "a=b", "POST 3 a=b");
	(void)usleep(20000);
	assert_true(end(pid) < 1000);
	(void)close(fd);
}

static void
a_signal_ends_a_program_that_keeps_connections(void **state)
{
	pid_t pid = start();
	int first = dial(), second = dial();

	(void)state;
	ask(first, true, "a=b", "POST 3 a=b");
	ask(second, true, "a=b", "POST 3 a=b");
	assert_true(end(pid) < 1000);
	assert_true(is_closed(first));
	(void)close(first);
	(void)close(second);
}

static void
a_request_being_served_is_finished_before_the_end(void **state)
{
	struct buf *b = new_request(true, "slow", "a=b");
	pid_t pid = start();
	int fd = dial();

	(void)state;
	say(fd, b->s, b->len);
	(void)usleep(SLOW * 1000 / 3);
	(void)end(pid);
	assert_string_equal(answer(fd), "Status: 200 OK\r\n\r\nPOST 3 a=b");
	(void)close(fd);
}

static void
a_request_that_is_arriving_when_the_signal_comes_is_served(void **state)
{
	struct buf *b = new_request(true, "", "a=b");
	pid_t pid = start();
	int fd = dial();

	(void)state;
	ask(fd, true, "", "POST 0 ");	/* it listens, and to signals too */
	say(fd, b->s, b->len / 2);
	(void)usleep(20000);
	assert_int_equal(kill(pid, SIGTERM), 0);
	(void)usleep(20000);
	say(fd, b->s + b->len / 2, b->len - b->len / 2);
	assert_string_equal(answer(fd), "Status: 200 OK\r\n\r\nPOST 3 a=b");
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	(void)close(fd);
}

static void
workers_share_one_socket(void **state)
{
	struct buf *b = new_request(false, "slow", "a=b");
	int listening = fcgi_listen(path), fds[4];
	pid_t pids[4];
	int64_t begun;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		if ((pids[i] = fork()) == 0)
			serve(listening);
	begun = clock_steady();
	for (size_t i = 0; i < 4; i++) {
		fds[i] = dial();
		say(fds[i], b->s, b->len);
	}
	for (size_t i = 0; i < 4; i++) {
		assert_string_equal(answer(fds[i]), "Status: 200 OK\r\n\r\nPOST 3 a=b");
		(void)close(fds[i]);
	}
	assert_true(clock_steady() - begun < 3 * SLOW);	/* not one after the other */
	for (size_t i = 0; i < 4; i++)
		(void)end(pids[i]);
	(void)close(listening);
}

/* Runs the program as plain CGI with this input; what it wrote. */
static const char *
run_cgi(const char *length, const char *input)
{
	char *out = arena_array(mem, 4096, 1);
	int to[2], from[2], status;
	pid_t pid;

	assert_int_equal(pipe(to) | pipe(from), 0);
	if ((pid = fork()) == 0) {
		(void)dup2(to[0], STDIN_FILENO);
		(void)dup2(from[1], STDOUT_FILENO);
		(void)close(to[1]);
		(void)setenv("REQUEST_METHOD", "POST", 1);
		(void)setenv("CONTENT_LENGTH", length, 1);
		(void)close(from[0]);
		serve(-1);
	}
	(void)close(to[0]);
	(void)close(from[1]);
	assert_int_equal(write(to[1], input, strlen(input)), strlen(input));
	if (strtol(length, NULL, 10) > (long)strlen(input))
		(void)close(to[1]);	/* else it must not wait for an end that does not come */
	for (size_t n = 0; n < 4095;) {
		ssize_t got = read(from[0], out + n, 4095 - n);

		if (got <= 0)
			break;
		n += (size_t)got;
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	(void)close(from[0]);
	if (strtol(length, NULL, 10) <= (long)strlen(input))
		(void)close(to[1]);
	return out;
}

static void
without_a_socket_it_is_one_plain_cgi_request(void **state)
{
	static const struct {
		const char *length, *input, *output;
	} cases[] = {
		{ "3", "a=b", "POST 3 a=b" },
		{ "3", "a=bcdef", "POST 3 a=b" },
		{ "0", "", "POST 0 " },
		{ "", "", "POST 0 " },
		{ "5", "a=b", "POST 0 torn" },
		{ "70", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		    "POST over 0 " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(run_cgi(cases[i].length, cases[i].input),
		    arena_printf(mem, "Status: 200 OK\r\n\r\n%s", cases[i].output));
}

static void
a_socket_file_nobody_listens_on_is_replaced(void **state)
{
	struct stat st;
	int fd = fcgi_listen(path), again;

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_int_equal(fcgi_listen(path), -1);	/* alive: left alone */
	assert_int_equal(errno, EADDRINUSE);
	(void)close(fd);
	again = fcgi_listen(path);
	assert_int_not_equal(again, -1);
	(void)close(again);
}

static void
a_file_that_is_no_socket_is_left_alone(void **state)
{
	const char *file = arena_printf(mem, "%s/file", dir);
	int fd = open(file, O_CREAT | O_WRONLY, 0600);

	(void)state;
	(void)close(fd);
	assert_int_equal(fcgi_listen(file), -1);
	assert_int_equal(errno, EADDRINUSE);
	assert_int_equal(unlink(file), 0);
}

static void
tcp_sockets_are_on_loopback_only(void **state)
{
	static const char *const wrong[] = { "0.0.0.0:0", "192.0.2.1:0", "[::]:0", ":0", "0", "",
		"127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x", "127.0.0.2:0",
		"localhost:0", "[::1]", "[::1]x:0" };
	int fd = fcgi_listen("127.0.0.1:0");

	(void)state;
	assert_int_not_equal(fd, -1);
	(void)close(fd);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_int_equal(fcgi_listen(wrong[i]), -1);
		assert_int_equal(errno, EADDRNOTAVAIL);
	}
}

static int
before_each(void **state)
{
	(void)state;
	mem = arena_new();
	memset((void *)seen, 0, sizeof(*seen));
	return 0;
}

static int
after_each(void **state)
{
	(void)state;
	(void)unlink(path);
	arena_free(&mem);
	return 0;
}

static int
before_all(void **state)
{
	static char where[64];

	(void)state;
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (seen == MAP_FAILED || mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(where, sizeof(where), "%s/socket", dir);
	path = where;
	return 0;
}

static int
after_all(void **state)
{
	(void)state;
	return rmdir(dir);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, before_each, after_each)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_request_is_understood_wherever_its_bytes_are_cut),
		CASE(a_request_that_comes_byte_by_byte_is_understood),
		CASE(a_kept_connection_carries_request_after_request),
		CASE(an_idle_kept_connection_keeps_nobody_else_waiting),
		CASE(a_connection_that_says_nothing_keeps_nobody_else_waiting),
		CASE(surplus_idle_connections_are_closed_and_one_stays),
		CASE(a_body_over_the_ceiling_is_read_to_its_end_and_reported),
		CASE(a_long_answer_arrives_whole),
		CASE(half_a_body_is_no_body),
		CASE(an_aborted_request_is_no_request_and_the_next_is_served),
		CASE(bytes_that_are_not_the_protocol_end_the_connection_only),
		CASE(a_client_that_went_is_noticed_and_survived),
		CASE(a_signal_ends_a_program_that_waits),
		CASE(a_signal_ends_a_program_that_keeps_connections),
		CASE(a_request_being_served_is_finished_before_the_end),
		CASE(a_request_that_is_arriving_when_the_signal_comes_is_served),
		CASE(workers_share_one_socket),
		CASE(without_a_socket_it_is_one_plain_cgi_request),
		CASE(a_socket_file_nobody_listens_on_is_replaced),
		CASE(a_file_that_is_no_socket_is_left_alone),
		CASE(tcp_sockets_are_on_loopback_only),
	};

	return cmocka_run_group_tests_name("fcgi", tests, before_all, after_all);
}
