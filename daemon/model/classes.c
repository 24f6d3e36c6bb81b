/* Any thread: nothing is kept.  Tables of our own and not utf8proc's
 * categories, whose Unicode is that of the distribution: text must give the
 * same tokens on every machine. */
#include "model/classes.h"

static enum class class_of_space_or_other(uint32_t c) {
	if ((c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 ||
	    c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
	    c == 0x2029 || c == 0x202F || c == 0x205F ||
	    c == 0x3000) return CLASS_SPACE;
	return CLASS_OTHER;
}

enum class class_of(uint32_t c) {
	size_t low = 0, high = class_n_ranges;

	while (low < high){
		size_t middle = low + (high - low) / 2;
		const struct class_range *range = &class_ranges[middle];
		if (c >= range->first && c <= range->last) return range->class;
		if (c < range->first) high = middle; else low = middle + 1;}
return class_of_space_or_other(c);
}
