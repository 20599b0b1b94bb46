console.log("tar: cache.tar: No space left on device");
process.exit(7);
