import {
  applyNodeChanges,
  Background,
  BackgroundVariant,
  type Connection,
  ControlButton,
  Controls,
  type FinalConnectionState,
  type InternalNode,
  MiniMap,
  type NodeChange,
  type OnNodeDrag,
  PanOnScrollMode,
  ReactFlow,
  type ReactFlowInstance,
  ReactFlowProvider,
  SelectionMode,
  useStore,
} from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { Maximize } from "lucide-react";
import { type CSSProperties, lazy, type MouseEvent, type RefObject, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useDescribed } from "@/document/described";
import { laneAt, lanesOf, middleOf, stageOf } from "@/document/lanes";
import { axisOf } from "@/document/axis";
import { CARD, cardFor, GRID } from "@/document/size";
import { useDraft } from "@/document/draft";
import { ENTRY, type Point } from "@/document/types";
import { NOTHING, type Selection, useUi } from "@/ui/state";
import { useWords } from "@/words";
import { join, moveTo } from "./actions";
import { fit, showBeginning } from "./arrange";
import { foldedLetters } from "./legible";
import { EntryNode } from "@/board/drawing/entry-node";
import { editable as isEditable, flow, holdFlow, onCanvas, sizeOf, useEditable, useOnCanvas } from "./flow";
import { LanesLayer, useDropLane } from "@/board/drawing/lanes-layer";
import { NoteNode } from "@/board/drawing/note-node";
import { pick, usePicker } from "./picker-state";
import { type BoardEdge, type BoardNode, edgesOf, NOTE_PREFIX, nodesOf } from "@/board/drawing/scene";
import { type MenuAt, openMenu, useMenu } from "./menu-state";
import { StepNode } from "@/board/drawing/step-node";
import { useFocusedStep } from "./focus";
import { JumpEdge, StepEdge } from "@/board/drawing/edges";
import "./surface.css";
import "@/board/drawing/folded.css";

const Picker = lazy(() => import("./picker").then((module) => ({ default: module.Picker })));
const StepMenu = lazy(() => import("./step-menu").then((module) => ({ default: module.StepMenu })));

const NODES = { step: StepNode, entry: EntryNode, note: NoteNode };
const EDGES = { step: StepEdge, jump: JumpEdge };
const SNAP: [number, number] = [GRID, GRID];

/** The journey as a drawing: steps in their stages, and edges between them. */
export function Board() {
  return (
    <ReactFlowProvider>
      <Surface />
      <Overlays />
    </ReactFlowProvider>
  );
}

/** What opens over the drawing; loaded when it first opens. */
function Overlays() {
  const picking = usePicker((state) => state.picking !== null);
  const menu = useMenu((state) => state.menu !== null);
  return (
    <Suspense fallback={null}>
      {picking ? <Picker /> : null}
      {menu ? <StepMenu /> : null}
    </Suspense>
  );
}

function Surface() {
  const words = useWords();
  const document = useOnCanvas();
  const described = useDescribed((state) => state.described);
  const selection = useUi((ui) => ui.selection);
  const editable = useEditable();
  const [nodes, setNodes] = useNodes(document, described, selection);
  const edges = useEdges(document, described, selection);
  const section = useRef<HTMLElement>(null);
  const [ready, setReady] = useState(false);
  const letters = useStore((state) => foldedLetters(state.transform[2]));
  const covered = useStore((state) => isUnderMap(state.nodeLookup.values(), state.transform, state.width, state.height));
  const begun = useCallback((surface: ReactFlowInstance<BoardNode, BoardEdge>) => {
    holdFlow(surface as never);
    showBeginning();
    setReady(true);
  }, []);
  useStillness(section);
  useFocusedStep();

  const onNodesChange = useCallback(
    (changes: NodeChange<BoardNode>[]) => {
      const selects = changes.filter((change) => change.type === "select");
      if (selects.length) selectNodes(selects);
      const moves = changes.filter((change) => change.type === "position" || change.type === "dimensions");
      if (moves.length) setNodes((before) => applyNodeChanges(moves, before));
    },
    [setNodes],
  );
  const labels = useMemo(
    () => ({ // the language of a page does not change
      "controls.ariaLabel": words("board.controls"),
      "controls.zoomIn.ariaLabel": words("board.zoom_in"),
      "controls.zoomOut.ariaLabel": words("board.zoom_out"),
      "minimap.ariaLabel": words("board.minimap"),
      "node.a11yDescription.default": words("board.keys_hint"),
      "node.a11yDescription.keyboardDisabled": words("board.keys_hint"),
      "edge.a11yDescription.default": words("board.insert"),
      "handle.ariaLabel": words("board.way"),
    }),
    [],
  );
  return (
    <section
      ref={section}
      className={`board${editable ? "" : " fixed"}${ready ? "" : " unready"}${letters === null ? "" : " folded"}`}
      style={letters === null ? undefined : ({ "--card-letters": `${letters}px` } as CSSProperties)}
      aria-label={words("board.title")}
    >
      <ReactFlow<BoardNode, BoardEdge>
        nodes={nodes}
        edges={edges}
        nodeTypes={NODES}
        edgeTypes={EDGES}
        onInit={begun}
        onNodesChange={onNodesChange}
        onNodeDrag={dragged}
        onNodeDragStop={nodeDropped}
        onSelectionDrag={selectionDragged}
        onSelectionDragStop={selectionDropped}
        onConnect={connected}
        onConnectEnd={connectEnded}
        onClickConnectEnd={connectEnded}
        isValidConnection={mayConnect}
        onNodeClick={opened}
        onEdgeClick={edgeClicked}
        onPaneClick={paneClicked}
        onNodeContextMenu={nodeMenu}
        onEdgeContextMenu={edgeMenu}
        onPaneContextMenu={paneMenu}
        nodesDraggable={editable}
        nodesConnectable={editable}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable
        onlyRenderVisibleElements
        disableKeyboardA11y
        deleteKeyCode={null}
        selectionKeyCode="Shift"
        multiSelectionKeyCode={MORE}
        selectionMode={SelectionMode.Partial}
        panOnScroll
        panOnScrollMode={PanOnScrollMode.Free}
        zoomOnDoubleClick={false}
        connectionRadius={36}
        snapToGrid
        snapGrid={SNAP}
        minZoom={0.1}
        maxZoom={2}
        nodeDragThreshold={3}
        elevateNodesOnSelect={false}
        ariaLabelConfig={labels}
        proOptions={ATTRIBUTION}
      >
        <LanesLayer />
        <Background variant={BackgroundVariant.Dots} gap={24} size={1} />
        <Controls showInteractive={false} showFitView={false} position="bottom-left">
          <ControlButton onClick={fit} title={words("board.fit")} aria-label={words("board.fit")}>
            <Maximize className="stroked" aria-hidden="true" />
          </ControlButton>
        </Controls>
        {nodes.length < MANY || covered ? null : <MiniMap pannable zoomable position="bottom-right" nodeClassName={miniClass} nodeBorderRadius={8} ariaLabel={words("board.minimap")} />}
      </ReactFlow>
    </section>
  );
}

const MAP = { width: 216, height: 166 };

/** Whether something selected lies where the map would be: then the map gives way. */
function isUnderMap(nodes: Iterable<InternalNode>, [x, y, zoom]: [number, number, number], width: number, height: number): boolean {
  for (const node of nodes) {
    if (!node.selected) continue;
    const right = (node.internals.positionAbsolute.x + (node.measured.width ?? CARD.width)) * zoom + x;
    const bottom = (node.internals.positionAbsolute.y + (node.measured.height ?? CARD.height)) * zoom + y;
    const left = node.internals.positionAbsolute.x * zoom + x;
    const top = node.internals.positionAbsolute.y * zoom + y;
    if (right > width - MAP.width && bottom > height - MAP.height && left < width && top < height) return true;
  }
  return false;
}

/** From so many nodes on there is a map. */
const MANY = 10;

/** React Flow's licence (MIT) asks for no link; its notice is among the bundle's licences. */
const ATTRIBUTION = { hideAttribution: true };

const miniClass = (node: BoardNode): string => (node.type === "step" ? `mini s-${stageOf(node.data.step) ?? ""}` : `mini mini-${node.type}`);

function useNodes(document: ReturnType<typeof onCanvas>, described: unknown, selection: Selection) {
  const selected = useMemo(() => new Set([...selection.steps, ...selection.notes.map((id) => NOTE_PREFIX + id)]), [selection]);
  const [nodes, setNodes] = useState<BoardNode[]>(() => nodesOf(document, [], selected));
  useEffect(() => setNodes((before) => nodesOf(document, before, selected)), [document, described, selected]);
  return [nodes, setNodes] as const;
}

/** Keeps the drawing where it is on the screen when something beside it opens or closes. */
function useStillness(section: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = section.current;
    if (!element) return;
    let left = element.getBoundingClientRect().left;
    const observer = new ResizeObserver(() => {
      const now = element.getBoundingClientRect().left;
      const surface = flow();
      if (surface && now !== left) {
        const view = surface.getViewport();
        void surface.setViewport({ ...view, x: view.x + left - now });
      }
      left = now;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [section]);
}

function useEdges(document: ReturnType<typeof onCanvas>, described: Parameters<typeof edgesOf>[1], selection: Selection): BoardEdge[] {
  const before = useRef<BoardEdge[]>([]);
  const chosen = selection.edge ? `${selection.edge.from}/${selection.edge.port}` : null;
  return useMemo(() => (before.current = edgesOf(document, described, before.current, chosen)), [document, described, chosen]);
}

/** Takes over what was selected by a click or a frame: the selection is kept in `useUi`, not by React Flow. */
function selectNodes(changes: { id: string; selected: boolean }[]): void {
  const { selection, set } = useUi.getState();
  const ids = new Set([...selection.steps, ...selection.notes.map((id) => NOTE_PREFIX + id)]);
  for (const { id, selected } of changes) selected ? ids.add(id) : ids.delete(id);
  const notes = [...ids].filter((id) => id.startsWith(NOTE_PREFIX)).map((id) => id.slice(NOTE_PREFIX.length));
  set({ selection: { steps: [...ids].filter((id) => !id.startsWith(NOTE_PREFIX)), notes, edge: null } });
}

function chooseEdge(edge: BoardEdge): void {
  if (edge.type !== "step" || !edge.data) return;
  useUi.getState().set({ selection: { ...NOTHING, edge: { from: edge.source, port: edge.sourceHandle ?? "next" } } });
}

// Handlers are defined once: a new function would make React Flow render every node again, at each move.

const MORE = ["Shift", "Meta", "Control"];

const dragged: OnNodeDrag<BoardNode> = (_, node) => overLane(node);
const nodeDropped: OnNodeDrag<BoardNode> = (_, __, moved) => dropped(moved);
const selectionDragged = (_: unknown, moved: BoardNode[]): void => overLane(moved[0]);
const selectionDropped = (_: unknown, moved: BoardNode[]): void => dropped(moved);
const mayConnect = ({ target }: { target: string }): boolean => target !== ENTRY;
const edgeClicked = (_: unknown, edge: BoardEdge): void => chooseEdge(edge);
const paneClicked = (): void => useUi.getState().select([]);
const paneMenu = (event: MouseEvent | globalThis.MouseEvent): void => menuAt(event, { canvas: true });

let lanesAtStart: ReturnType<typeof lanesOf> | null = null;

/** Highlights the lane over which a step is dragged: its stage, if it is dropped there. */
function overLane(node: BoardNode | undefined): void {
  if (node?.type !== "step") return;
  lanesAtStart ??= lanesOf(onCanvas(), sizeOf);
  const stage = laneAt(lanesAtStart, middleOf(node.data.axis, node.position, node.data.size))?.stage ?? null;
  const over = stage === stageOf(node.data.step) ? undefined : stage;
  if (useDropLane.getState().over !== over) useDropLane.setState({ over });
}

function dropped(moved: BoardNode[]): void {
  lanesAtStart = null;
  useDropLane.setState({ over: undefined });
  const places = (notes: boolean): Record<string, Point> =>
    Object.fromEntries(
      moved
        .filter((node) => (node.type === "note") === notes)
        .map((node) => [notes ? node.id.slice(NOTE_PREFIX.length) : node.id, { x: Math.round(node.position.x), y: Math.round(node.position.y) }]),
    );
  moveTo(places(false), places(true));
}

function connected({ source, sourceHandle, target }: Connection): void {
  join(source, sourceHandle ?? "next", target);
}

/** An edge that is dropped on a card leads there; dropped on nothing, it opens the picker of steps. */
function connectEnded(event: MouseEvent | globalThis.MouseEvent | TouchEvent, state: FinalConnectionState): void {
  if (state.isValid || !state.fromNode || state.fromHandle?.type !== "source" || !isEditable()) return;
  const touch = "changedTouches" in event ? event.changedTouches[0] : event;
  if (!touch) return;
  const at = { x: touch.clientX, y: touch.clientY };
  const from = { id: state.fromNode.id, port: state.fromHandle.id ?? "next" };
  const card = window.document.elementsFromPoint(at.x, at.y).find((element) => element.closest("[data-step]"))?.closest("[data-step]");
  const over = card?.getAttribute("data-step");
  if (over) {
    if (over !== from.id) join(from.id, from.port, over);
    return;
  }
  const inside = window.document.elementsFromPoint(at.x, at.y).some((element) => element.closest(".board"));
  if (!inside || !state.pointer) return;
  pick({ at, purpose: { place: cardFor(state.pointer, axisOf(onCanvas())), from } });
}

/** A click on a step opens its settings, unless another mode shows something else. */
function opened(): void {
  if (useUi.getState().mode === "draw") useUi.getState().set({ panel: null });
}

function menuAt(event: MouseEvent | globalThis.MouseEvent, on: MenuAt["on"]): void {
  event.preventDefault();
  openMenu({ at: { x: event.clientX, y: event.clientY }, on });
}

function nodeMenu(event: MouseEvent, node: BoardNode): void {
  const { selection, select, set } = useUi.getState();
  if (node.type === "note") {
    set({ selection: { ...NOTHING, notes: [node.id.slice(NOTE_PREFIX.length)] } });
    event.preventDefault();
    return;
  }
  if (!selection.steps.includes(node.id)) select([node.id]);
  menuAt(event, { step: node.id });
}

function edgeMenu(event: MouseEvent, edge: BoardEdge): void {
  const found = useDraft.getState().document.edges.find((one) => edge.type === "step" && one === edge.data?.edge);
  if (!found) return event.preventDefault();
  chooseEdge(edge);
  menuAt(event, { edge: found });
}

