/** The order within pairs is balanced and random. */

import { expect, test } from 'vitest'
import { pairOrders } from './pair-order.ts'
import { seededRandom } from './random.ts'

test('each two pairs hold both orders, and either may come first', () => {
  const orders = pairOrders(200, seededRandom(1))
  for (let i = 0; i < 200; i += 2) expect(orders[i]).not.toBe(orders[i + 1])
  const headFirst = orders.filter((order, i) => i % 2 === 0 && order === 'head-first').length
  expect(headFirst).toBeGreaterThan(30)
  expect(headFirst).toBeLessThan(70)
  expect(pairOrders(7, seededRandom(1))).toEqual(orders.slice(0, 7))
})
