/* Where a thread sits. */
#include "model/seat.h"

#include <stdatomic.h>
#include <stdint.h>

void
seat_take(struct seat *seat)
{
	seat->thread = pthread_self();
	pthread_getcpuclockid(seat->thread, &seat->clock);
	seat_note(seat);
}

int
seat_note(struct seat *seat)
{
	int processor = sched_getcpu();

	atomic_store_explicit(&seat->processor, processor,
			      memory_order_relaxed);
	return processor;
}

static int64_t
run_ns(const struct seat *seat)
{
	struct timespec time = {0};

	clock_gettime(seat->clock, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* The clock of a thread that runs goes on between two calls. */
bool
seat_is_idle(const struct seat *seat)
{
	int64_t before = run_ns(seat);

	return run_ns(seat) == before;
}

static bool
bind_to(const struct seat *seat, int processor)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)processor, &set);
	return pthread_setaffinity_np(seat->thread, sizeof set, &set) == 0;
}

static bool
is_allowed(const struct seat *seat, int processor, cpu_set_t *allowed_r)
{
	return processor >= 0 && processor < CPU_SETSIZE &&
	       pthread_getaffinity_np(seat->thread, sizeof *allowed_r,
				      allowed_r) == 0 &&
	       CPU_ISSET((size_t)processor, allowed_r);
}

bool
seat_move(struct seat *seat, int processor)
{
	cpu_set_t allowed;

	if (atomic_load(&seat->state) != SEAT_OWN ||
	    !is_allowed(seat, processor, &allowed) || !bind_to(seat, processor))
		return false;
	pthread_setaffinity_np(seat->thread, sizeof allowed, &allowed);
	return true;
}

bool
seat_invite(struct seat *seat, int processor, int home)
{
	if (atomic_load(&seat->state) != SEAT_OWN ||
	    !is_allowed(seat, processor, &seat->allowed) ||
	    !bind_to(seat, processor))
		return false;
	seat->home = home;
	atomic_store(&seat->state, SEAT_GUEST);
	return true;
}

void
seat_go_home(struct seat *seat)
{
	int state = SEAT_GUEST;

	if (!atomic_compare_exchange_strong(&seat->state, &state, SEAT_LEAVING))
		return;
	if (CPU_ISSET((size_t)seat->home, &seat->allowed))
		bind_to(seat, seat->home);
	pthread_setaffinity_np(seat->thread, sizeof seat->allowed,
			       &seat->allowed);
	atomic_store(&seat->state, SEAT_OWN);
}
