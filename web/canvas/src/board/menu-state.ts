/** Which context menu is open, and where on the screen. */

import { create } from "zustand";
import type { Edge, Point } from "@/document/types";

export type MenuAt = { at: Point; on: { step: string } | { edge: Edge } | { canvas: true } };
export const useMenu = create<{ menu: MenuAt | null }>()(() => ({ menu: null }));
export const openMenu = (menu: MenuAt | null): void => useMenu.setState({ menu });
