import type { ComponentConfig } from '../../registry.ts'

/** Whether a loss compares classes, whose targets are labels, or numbers. */
export function targetFormOf(loss: ComponentConfig): 'classes' | 'numbers' {
  return /crossentropy|hinge/.test(loss.type) ? 'classes' : 'numbers'
}
