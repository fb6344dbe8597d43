import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

/** What the last act was refused with, and acts told to the server: all that is shown is then read again. False when refused. */
export function useTell(): [unknown, (answer: Promise<unknown>) => Promise<boolean>] {
  const queries = useQueryClient();
  const [fault, setFault] = useState<unknown>(null);
  const tell = async (answer: Promise<unknown>) => {
    setFault(null);
    try {
      await answer;
      await queries.invalidateQueries();
      return true;
    } catch (error) {
      setFault(error);
      return false;
    }
  };
  return [fault, tell];
}
