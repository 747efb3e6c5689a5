/* clock - the time of day */
#include <time.h>

#include "base/clock.h"

static int64_t
clock_read(clockid_t id)
{
	struct timespec ts;

	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_now(void)
{
	return clock_read(CLOCK_REALTIME);
}

int64_t
clock_steady(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

const char *
clock_http(struct arena *mem, int64_t ms)
{
	static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t t = (time_t)(ms / 1000);
	struct tm tm;

	(void)gmtime_r(&t, &tm);
	return arena_printf(mem, "%s, %02d %s %d %02d:%02d:%02d GMT", days[tm.tm_wday], tm.tm_mday,
	    months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

const char *
clock_iso(struct arena *mem, int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;

	(void)gmtime_r(&t, &tm);
	return arena_printf(mem, "%04d-%02d-%02dT%02d:%02d:%02d.%03d000+00:00", tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(ms % 1000));
}
