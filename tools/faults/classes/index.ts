/** The registry: every class of faults, in the order in which they are listed. */
import type { FaultClass } from '../fault.ts'
import { clusterMemberKilled } from './cluster-member-killed.ts'
import { costsDisturbed } from './costs.ts'
import { damagedRun } from './damaged-run.ts'
import { frozenMembers } from './frozen-member.ts'
import { gateInterrupted, gateMemberLost } from './gate.ts'
import { homeUnusable } from './home.ts'
import { killedMembers } from './killed-member.ts'
import { npmTerminated, parentKilled } from './left-alone.ts'
import { limitClasses } from './limits.ts'
import { neighbourKilled } from './neighbours.ts'
import { outputClosed, outputFull } from './output.ts'
import { portTaken } from './port-taken.ts'
import { programsMissing } from './programs.ts'
import { runFolderLost } from './run-folder.ts'
import { harnessKilled, interrupted, interruptedTwice } from './signals.ts'
import { temporaryFillsUp, temporaryFull, temporaryUnusable } from './temporary-folder.ts'

export const faultClasses: readonly FaultClass[] = [
  ...killedMembers,
  ...frozenMembers,
  clusterMemberKilled,
  interrupted,
  interruptedTwice,
  harnessKilled,
  npmTerminated,
  parentKilled,
  neighbourKilled,
  outputFull,
  outputClosed,
  temporaryFull,
  temporaryFillsUp,
  temporaryUnusable,
  homeUnusable,
  programsMissing,
  portTaken,
  ...limitClasses,
  runFolderLost,
  damagedRun,
  gateInterrupted,
  gateMemberLost,
  costsDisturbed,
]
