package codecache

// withoutWaiting is nothing: no file of a folder is a pipe.
const withoutWaiting = 0
