/** Holds the search for a container's control group to the layouts there are. */
import { expect, test } from 'vitest'
import { cgroupFolders } from './compose-usage.ts'

const id = '8d8cc189924f1fcdf80e20ad6700e327fe796f8fb2065cc6f7f2dff573b308c2'

const version1 = {
  cgroup: `5:memory:/docker/${id}\n2:cpu,cpuacct:/docker/${id}\n1:name=systemd:/docker/${id}\n`,
  mountinfo: `30 25 0:26 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct
31 25 0:27 / /sys/fs/cgroup/memory rw,nosuid shared:10 - cgroup cgroup rw,memory
22 1 254:0 / / rw - ext4 /dev/root rw
`,
}
const version2 = {
  cgroup: `0::/system.slice/docker-${id}.scope\n`,
  mountinfo: '24 22 0:22 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n',
}

test('finds the controllers of version 1, each where it is mounted', () => {
  expect(cgroupFolders(id, version1)).toEqual({
    cpu: { version: 1, path: `/sys/fs/cgroup/cpu,cpuacct/docker/${id}` },
    memory: { version: 1, path: `/sys/fs/cgroup/memory/docker/${id}` },
  })
})

test('finds the one group of version 2', () => {
  const path = `/sys/fs/cgroup/system.slice/docker-${id}.scope`
  expect(cgroupFolders(id, version2)).toEqual({ cpu: { version: 2, path }, memory: { version: 2, path } })
})

test('where both are mounted, version 1 has the controllers', () => {
  const both = {
    cgroup: `${version1.cgroup}0::/docker/${id}\n`,
    mountinfo: `${version1.mountinfo}32 25 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n`,
  }
  expect(cgroupFolders(id, both)).toEqual(cgroupFolders(id, version1))
})

test('a process of that number that is not the container does not count', () => {
  expect(
    cgroupFolders(id, { ...version2, cgroup: '0::/user.slice/user-1000.slice/session-2.scope\n' }),
  ).toBeNull()
})

test('a control group that is not mounted here is not found', () => {
  expect(cgroupFolders(id, { ...version2, mountinfo: '' })).toBeNull()
  expect(cgroupFolders(id, { ...version1, mountinfo: version2.mountinfo })).toBeNull()
})
