// processes - what runs, and what it was started by
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

// All processes: { pid, parent, name, command }; name is that of the program.
export function processes() {
	const found = [];
	for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)))
		try {
			const [, state, parent] = /.*\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'));
			if (state !== 'Z')
				found.push({ pid: Number(pid), parent: Number(parent), name: basename(readlinkSync(`/proc/${pid}/exe`)),
					command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') });
		} catch { /* it has ended, or is another user's */ }
	return found;
}

// Those that were started by one of these processes, and so on.
export function below(pids, all = processes()) {
	const children = all.filter(({ pid, parent }) => pids.includes(parent) && !pids.includes(pid));
	return children.length ? [...children, ...below(children.map(({ pid }) => pid), all)] : [];
}
