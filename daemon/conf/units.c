/* Numbers, durations and sizes.  Any thread: nothing is kept. */
#include "conf/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Largest first; the last row ends a table. */
struct unit {
	const char *name;
	int64_t factor;
};

static const struct unit duration_units[] = {
	{"d", 86400000}, {"h", 3600000}, {"min", 60000},
	{"s", 1000},	 {"ms", 1},	 {NULL, 0},
};
static const struct unit size_units[] = {
	{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10},
	{"", 1},	  {NULL, 0},
};

/* The digits at *text, which moves behind them; how many there are. */
static int
read_digits(const char **text, int max, int64_t *number)
{
	int n = 0;

	for (; **text >= '0' && **text <= '9'; ++*text) {
		if (++n > max)
			return 0;
		*number = *number * 10 + (**text - '0');
	}
	return n;
}

bool
units_read_int(const char *text, int64_t *number_r)
{
	bool is_negative = *text == '-';
	int64_t number = 0;

	text += is_negative;
	if (read_digits(&text, 18, &number) == 0 || *text)
		return false;
	*number_r = is_negative ? -number : number;
	return true;
}

/* Both the digits as a whole number and the power of ten are exact in a
 * double, so that their quotient is rounded once. */
bool
units_read_real(const char *text, double *real_r)
{
	bool is_negative = *text == '-';
	int64_t number = 0;
	double power = 1;

	text += is_negative;
	int digits = read_digits(&text, 15, &number);
	if (digits == 0)
		return false;
	if (*text == '.') {
		text++;
		int decimals = read_digits(&text, 15 - digits, &number);
		if (decimals == 0)
			return false;
		while (decimals-- > 0)
			power *= 10;
	}
	if (*text)
		return false;
	double real = (double)number / power;
	*real_r = is_negative && number ? -real : real;
	return true;
}

static bool
read_quantity(const struct unit *units, const char *text, int64_t *number_r)
{
	int64_t number = 0, product;

	if (read_digits(&text, 18, &number) == 0)
		return false;
	text += strspn(text, " ");
	while (units->name && strcmp(units->name, text) != 0)
		units++;
	if (!units->name ||
	    __builtin_mul_overflow(number, units->factor, &product))
		return false;
	*number_r = product;
	return true;
}

bool
units_read_duration(const char *text, int64_t *ms_r)
{
	return read_quantity(duration_units, text, ms_r);
}

bool
units_read_size(const char *text, int64_t *bytes_r)
{
	return read_quantity(size_units, text, bytes_r);
}

const char *
units_write_int(int64_t number, char out[UNITS_TEXT_SIZE])
{
	snprintf(out, UNITS_TEXT_SIZE, "%" PRId64, number);
	return out;
}

/* As many decimals as the value has, not as a locale writes them. */
const char *
units_write_real(double real, char out[UNITS_TEXT_SIZE])
{
	double read;

	for (int decimals = 0; decimals < 16; decimals++) {
		snprintf(out, UNITS_TEXT_SIZE, "%.*f", decimals, real);
		char *point = strchr(out, ',');
		if (point)
			*point = '.';
		if (units_read_real(out, &read) && !(read < real) &&
		    !(read > real))
			return out;
	}
	return out;
}

static const char *
write_quantity(const struct unit *units, int64_t number,
	       char out[UNITS_TEXT_SIZE])
{
	while (units[1].name && (number == 0 || number % units->factor != 0))
		units++;
	snprintf(out, UNITS_TEXT_SIZE, "%" PRId64 "%s%s",
		 number / units->factor, units->name[0] ? " " : "",
		 units->name);
	return out;
}

const char *
units_write_duration(int64_t ms, char out[UNITS_TEXT_SIZE])
{
	return write_quantity(duration_units, ms, out);
}

const char *
units_write_size(int64_t bytes, char out[UNITS_TEXT_SIZE])
{
	return write_quantity(size_units, bytes, out);
}
