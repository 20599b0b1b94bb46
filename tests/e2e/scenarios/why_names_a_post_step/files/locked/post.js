console.log ('the lock is gone');
process.exitCode = 5;
