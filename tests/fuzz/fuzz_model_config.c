/* config.json from anybody: a shape within the limits, or words. */
#include "fuzz.h"

#include <assert.h>

#include "base/err.h"
#include "model/config.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct model_config config;
	struct err err = {0};

	int ret = model_config_read(&config, (const char *)data, size, &err);
	assert((ret < 0) == (err.text[0] != '\0'));
	if (ret == 0) {
		ret = model_config_check(&config, &err);
		assert(ret == 0);
		assert(model_config_parameters(&config) > 0);
	}
	return 0;
}
