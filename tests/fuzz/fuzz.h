/* What every fuzz harness includes: the function it defines. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Feed the data to one parser; must return whatever the data is.  0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
