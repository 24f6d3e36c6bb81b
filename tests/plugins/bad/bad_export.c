/* Does not export what a plugin must. */
const int some_plugin;
