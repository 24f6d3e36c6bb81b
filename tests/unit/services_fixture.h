/* What tests of the services have in common: calls that are answered later. */
#ifndef TESTS_UNIT_SERVICES_FIXTURE_H
#define TESTS_UNIT_SERVICES_FIXTURE_H

#include "plugin_fixture.h"

#include "base/log.h"

static bool is_called;

static inline int
begin(void **state)
{
	is_called = false;
	return fx_begin(state);
}

static inline void
wait_for_call(void)
{
	fixture_run_until(&fx.base, &is_called);
	is_called = false;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, fx_end)

#endif
