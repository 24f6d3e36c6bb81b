#include "peer/busy.h"

#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t
busy_start(void)
{
	pid_t parent = getpid(), child = fork();
	cpu_set_t last;

	if (child != 0)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	CPU_ZERO(&last);
	CPU_SET((size_t)sysconf(_SC_NPROCESSORS_ONLN) - 1, &last);
	sched_setaffinity(0, sizeof last, &last);
	for (volatile unsigned turns = 0; getppid() == parent;)
		for (int i = 0; i < 1000000; i++)
			turns = turns + 1;
	_exit(0);
}

void
busy_stop(pid_t busy)
{
	kill(busy, SIGKILL);
	waitpid(busy, NULL, 0);
}
