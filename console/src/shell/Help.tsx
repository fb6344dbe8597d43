import { Modal } from "antd";
import { useSay } from "../words";
import { Dress } from "./Dress";

/** The keys that mean something. */
export function Help({ open, close }: { open: boolean; close: () => void }) {
  const say = useSay();
  const keys = [["/", say("help.search")], ["j k", say("help.walk")], ["Enter", say("help.open")], ["Esc", say("help.close")], ["?", say("help.help")]];
  return (
    <Dress>
      <Modal title={say("help.keys")} open={open} onCancel={close} footer={null} width={380}>
        <dl className="facts">{keys.map(([key, what]) => [<dt key={key}><kbd>{key}</kbd></dt>, <dd key={`${key} `}>{what}</dd>])}</dl>
      </Modal>
    </Dress>
  );
}
