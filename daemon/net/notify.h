/* systemd's readiness protocol (sd_notify), spoken directly. */
#ifndef NET_NOTIFY_H
#define NET_NOTIFY_H

/* Send a state ("READY=1", "STATUS=...", lines parted by \n) to
 * $NOTIFY_SOCKET ('/' path or '@' abstract).  Nothing happens when there is
 * none.  Any thread.  0, or -1: it could not be sent. */
int notify_send(const char *state);
/* "RELOADING=1" with MONOTONIC_USEC, as systemd 253 and later ask. */
int notify_reloading(void);
/* STATUS=..., printf-like; line breaks become blanks. */
int notify_status(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
